/** One thing that a driver must do. */
export interface Case {
  name: string;
  /** Rejects with what is wrong. */
  run(): Promise<void>;
}

export interface StorageSubject {
  /** Absolute path of the driver's module, as package.json declares it: JavaScript that Node can load. */
  module: string;
  options?: Record<string, string>;
  /** Where the cases make their folders, on a file system that the driver can work on; /var/tmp when absent. */
  parent?: string;
}

export interface NetworkSubject {
  module: string;
  options?: Record<string, string>;
  /** Of the network that the cases make. */
  network?: Record<string, string>;
  parent?: string;
}

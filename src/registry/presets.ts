/**
 * Mirrors of Docker Hub that can be named instead of typed. They come and go: whatever they answer is checked against
 * its digest, and when they answer nothing of use the next mirror is asked, Docker Hub itself last.
 */
export const PRESETS: ReadonlyMap<string, string> = new Map([
  // University of Science and Technology of China. Serves its campus alone since 2022; others get 403 and go on.
  ['ustc', 'https://docker.mirrors.ustc.edu.cn'],
  // The same under Alibaba's roof; slow to see new tags.
  ['ustc-aliyun', 'https://ustc-edu-cn.mirror.aliyuncs.com'],
  // NetEase. Has served incomplete blobs, which cost no more than the way to the next mirror.
  ['163', 'https://hub-mirror.c.163.com'],
]);

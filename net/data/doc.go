// Package data holds labelled 32×32 colour images, CIFAR-10 and a built-in
// synthetic set, and draws minibatches of them.
//
// [Find] says where CIFAR-10 lies, [ReadCIFAR10] reads it in either published
// version, [Verify] compares it with what was published, and package fetch
// downloads it; [Synthetic] needs no files. Images stay bytes in memory: a
// [Batch] turns those that a [Sampler] picks into centred floats when they are
// drawn.
package data

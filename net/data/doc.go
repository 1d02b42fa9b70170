// Package data holds labelled 32×32 colour images, CIFAR-10 and a built-in
// synthetic set, and draws minibatches of them.
//
// [Find] finds the folder of CIFAR-10, [ReadCIFAR10] reads it in either published
// version, [Verify] compares it with the published files, and package fetch downloads
// it; [Synthetic] needs no files. Images stay bytes in memory. A [Sampler] picks
// images, and a [Batch] turns these into centred floats.
package data

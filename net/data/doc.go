// Package data has labelled examples: 32×32 colour images, of CIFAR-10 and of a built-in
// synthetic set, and the points of a toy problem. It draws minibatches of the images.
//
// [Open] opens a dataset by its name. For CIFAR-10, [Find] finds the folder,
// [ReadCIFAR10] reads it in either published version, [Verify] compares it with the
// published files, and package fetch downloads it. Images stay bytes in memory: a
// [Sampler] picks images, and a [Batch] turns these into centred floats.
package data

// Package data has labelled examples, which are rows of numbers and categories or images,
// and draws minibatches of them.
//
// [Open] reads a [Dataset] from files, whose format it finds out, and divides it into parts;
// a program may make one of what it has. [NewPreprocessing] takes from the training part
// what makes inputs of a network of raw examples. A model keeps it, and [ReadRaw] reads
// examples to predict as the model takes them.
//
// [OpenNamed] opens a built-in dataset by its name. For CIFAR-10, [Find] finds the folder,
// [ReadCIFAR10] reads it in either published version, [Verify] compares it with the
// published files, and package fetch downloads it.
//
// Images stay bytes in memory, and tables a float32 for each cell: a [Sampler] picks
// examples, and a [Batch] turns these into inputs.
package data

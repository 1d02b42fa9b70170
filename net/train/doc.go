// Package train runs the training loop: it draws batches, steps the optimiser and
// scores the network, by the protocol of the report that Lanes reproduces.
//
// A [Config] holds everything that the weights of a run depend on. [New] makes a [Run] of
// it, and [Run.Do] trains. A run that has a [Folder] keeps its history and its
// checkpoints there. [Resume] continues it from the last checkpoint, to the same bits as
// if it had never stopped. [OpenModel] reads the trained network.
//
// The package prints nothing. A run reports its progress to the functions [Run.OnStep]
// and [Run.OnEpoch].
package train

// Package train runs the training loop: it draws batches, steps the optimiser,
// and scores the network, as the protocol of the report that Lanes reproduces
// says.
//
// A [Config] says all that the weights of a run depend on, [New] makes a [Run]
// of it, and [Run.Do] trains. A run that has a [Folder] is kept there, with its
// history and its checkpoints, and [Resume] goes on with it from the last one, to
// the same bits as if it had never stopped. [OpenModel] reads what was trained.
//
// The package prints nothing; a run tells its progress to functions that it is
// given.
package train

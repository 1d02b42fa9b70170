// Package train runs the training loop: it draws batches, steps the optimiser,
// and scores the network, as the protocol of the report that Lanes reproduces
// says. It prints nothing; a run tells its progress to functions that it is
// given.
package train

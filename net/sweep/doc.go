// Package sweep trains many configurations and ranks them by validation accuracy.
//
// A [Sweep] defines the configurations: a base, axes of values for any of its settings,
// rows of values that belong together, all combinations of these, a random choice or one of
// a tree-structured Parzen estimator, and the number of seeds. A trial is one configuration with one seed. A [Folder] keeps a
// sweep, and each of its trials as a run of package train:
//
//	sweep.toml     the sweep, with every setting
//	trials.csv     the settings of each trial
//	trials/NNNN/   the run of a trial, and its scores in trial.json
//	results.csv    the finished trials, the highest validation accuracy first, each
//	               with the mean over the seeds of its configuration
//	results.json   the same
//	choices.json   what TPE chose, from how many results
//	promotions.json what went on when, with asynchronous halving
//
// [Plan] makes the folder, [Folder.Run] trains one trial, and [Folder.Collect] writes the
// results, so that machines that share a folder can each train a trial. [Folder.Do] does
// all that remains. Any of these may be killed at any moment and called again: finished
// trials are not trained again, others continue from their last checkpoint, and the
// results are the same except for the times; only asynchronous halving with several jobs
// depends on the order in which trials end. A trial that one process trains is not
// touched by others.
//
// The files sweep.toml, trial.json, choices.json and promotions.json have hashes of their content. If one differs from
// what was written, the error is [ErrUnusable]; so it is for files of earlier versions,
// which have no hash.
//
// The package prints nothing. A [Runner] reports its progress to functions.
package sweep

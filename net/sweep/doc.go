// Package sweep trains many configurations and ranks them by validation accuracy.
//
// A [Sweep] says which: a base configuration, axes of values for any of its
// settings, rows of values that belong together, all of their combinations or a
// random choice of them, and how many seeds of each. A [Folder] keeps a sweep, and
// each of its trials as a run of package train:
//
//	sweep.toml     the sweep, every setting written out
//	trials.csv     what each trial's settings are
//	trials/NNNN/   a trial's run, and in trial.json what it came to
//	results.csv    the finished trials, the highest validation accuracy first, each
//	               with the mean over the seeds of its configuration
//	results.json   the same
//
// [Plan] makes the folder, [Folder.Run] trains one trial, and [Folder.Collect]
// writes the results, so that many machines that share a folder may take a trial
// each; [Folder.Do] does all that remains on this one. Each may be killed at any
// moment and called again: finished trials are not trained again, others go on
// from their last checkpoint, and the results are the same but for the time that
// they took. A trial that one process trains is left to it by the others.
//
// What the trials are, and what they came to, is in sweep.toml and trial.json with a
// hash of it: a file that differs by a bit from what was written is an error,
// [ErrUnusable]. Files without a hash, of earlier versions, are errors too.
//
// The package prints nothing; a [Runner] tells its progress to functions that it
// is given.
package sweep

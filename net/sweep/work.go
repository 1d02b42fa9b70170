package sweep

// The numbers of images in the other parts on which a trial is scored: those of CIFAR-10.
const (
	valImages  = 1_000
	testImages = 10_000
)

// Work estimates the floating-point operations of a trial on that many training images:
// those of its steps, of scoring the validation part after each epoch, and of scoring all
// parts at the end. What finds the components of whitening is not a trial's, since they share it.
func (t Trial) Work(images int) float64 {
	c, network := t.Config, t.Config.Network()
	perEpoch := float64(max(1, images/c.BatchSize()))
	steps := max(float64(c.Iters), float64(c.Epochs)*perEpoch)
	step, forward := network.StepFLOPs(c.BatchSize())+c.InputFLOPs(c.BatchSize()), network.ForwardFLOPs(1)+c.InputFLOPs(1) // exact
	return float64(steps*step) + float64(valImages*steps/perEpoch*forward) + t.scoring(images)
}

// scoring is the part of Work that scores all parts at the end.
func (t Trial) scoring(images int) float64 {
	return (float64(images) + testImages + valImages) * (t.Config.Network().ForwardFLOPs(1) + t.Config.InputFLOPs(1)) // exact
}

// Work estimates the floating-point operations of the finished trials on that many training
// images, as far as halving has trained them, with the scoring at each rung; and those of
// all of them in full.
func (r *Results) Work(images int) (spent, full float64) {
	for _, x := range r.Rows {
		last := Trial{x.Index, r.Folder.upTo(x.Trial, x.Rungs-1)}
		spent += last.Work(images) + float64(float64(x.Rungs-1)*x.scoring(images))
		full += x.Work(images)
	}
	return spent, full
}

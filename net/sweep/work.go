package sweep

// The images that a trial is scored on besides those that it trains on: CIFAR-10's.
const (
	valImages  = 1_000
	testImages = 10_000
)

// Work estimates the floating-point operations of a trial where there are that many
// training images: those of its steps, and of scoring, the validation part after each
// epoch and all parts at the end.
func (t Trial) Work(images int) float64 {
	c, sizes := t.Config, t.Config.Sizes()
	perEpoch := float64(max(1, images/c.BatchSize()))
	steps := max(float64(c.Iters), float64(c.Epochs)*perEpoch)
	scored := float64(images) + testImages + valImages*(1+steps/perEpoch)
	return steps*sizes.StepFLOPs(c.BatchSize()) + scored*sizes.ForwardFLOPs(1)
}

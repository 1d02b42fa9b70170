package sweep

// The numbers of images in the other parts on which a trial is scored: those of CIFAR-10.
const (
	valImages  = 1_000
	testImages = 10_000
)

// Work estimates the floating-point operations of a trial on that many training images:
// those of its steps, of scoring the validation part after each epoch, and of scoring all
// parts at the end.
func (t Trial) Work(images int) float64 {
	c, network := t.Config, t.Config.Network()
	perEpoch := float64(max(1, images/c.BatchSize()))
	steps := max(float64(c.Iters), float64(c.Epochs)*perEpoch)
	scored := float64(images) + testImages + valImages*(1+steps/perEpoch)
	return steps*network.StepFLOPs(c.BatchSize()) + scored*network.ForwardFLOPs(1)
}

package main

import (
	"context"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/tensorboard"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

// events writes what TensorBoard shows of a run into the run's folder. If it cannot, it
// stops the run.
type events[T kernels.Float] struct {
	run     *train.Run[T]
	out     *tensorboard.Writer
	stop    context.CancelCauseFunc
	measure string // what the run calls accuracy

	last    train.StepRecord // Step 0 before the first
	images  int              // of this epoch's steps whose times are known
	seconds float64
	drawing seldom
	drawn   int // the step of the last weights
}

// newEvents begins an event file. Stop is called with an error that comes later.
func newEvents[T kernels.Float](run *train.Run[T], stop context.CancelCauseFunc) (*events[T], error) {
	dir := run.Folder.Dir
	first, step := !tensorboard.In(dir), run.Step
	if first {
		step = 0
	}
	out, err := tensorboard.Create(dir, step)
	if err != nil {
		return nil, err
	}
	e := &events[T]{run: run, out: out, stop: stop, measure: "accuracy"}
	if run.Input.Target != nil {
		e.measure = "R2"
	}
	if first && run.Step > 0 { // its first steps were trained without
		h, err := run.Folder.History()
		if err != nil {
			return nil, err
		}
		e.drawn = run.Step // the weights of those steps are gone
		replay(h, run.Step, e)
	}
	return e, nil
}

// Step writes the numbers of a step.
func (e *events[T]) Step(s train.StepRecord) {
	scalars := []tensorboard.Scalar{
		{Tag: "loss/batch", Value: s.Loss},
		{Tag: "loss/regularization", Value: s.RegLoss},
		{Tag: e.measure + "/batch", Value: s.Acc},
		{Tag: "learning rate/step", Value: s.LR},
	}
	if took := s.Seconds - e.last.Seconds; took > 0 && s.Step == e.last.Step+1 {
		images := e.batch(s.Step)
		e.images, e.seconds = e.images+images, e.seconds+took
		scalars = append(scalars, tensorboard.Scalar{Tag: "images per second/step", Value: float64(images) / took})
	}
	e.last = s
	e.out.Scalars(s.Step, scalars...)
	if every := e.run.CheckpointEvery; every > 0 && s.Step%every == 0 {
		e.out.Flush() // no checkpoint is ahead of the curves
	}
	e.check()
}

// batch returns how many images a step drew.
func (e *events[T]) batch(step int) int {
	all, batch := e.run.Train.Len(), min(e.run.Config.Batch, e.run.Train.Len())
	if perEpoch := e.run.StepsPerEpoch(); e.run.Config.KeepLast && step%perEpoch == 0 {
		return all - (perEpoch-1)*batch
	}
	return batch
}

// Epoch writes the numbers of an epoch and, not too often, the weights after it.
func (e *events[T]) Epoch(r train.EpochRecord) {
	scalars := []tensorboard.Scalar{
		{Tag: "loss/training", Value: r.TrainLoss},
		{Tag: e.measure + "/training", Value: r.TrainAcc},
		{Tag: "learning rate/epoch", Value: r.LR},
	}
	if r.ValAcc != nil {
		scalars = append(scalars,
			tensorboard.Scalar{Tag: "loss/validation", Value: *r.ValLoss},
			tensorboard.Scalar{Tag: e.measure + "/validation", Value: *r.ValAcc})
	}
	if e.seconds > 0 {
		scalars = append(scalars, tensorboard.Scalar{Tag: "images per second/epoch", Value: float64(e.images) / e.seconds})
	}
	e.images, e.seconds = 0, 0
	e.out.Scalars(r.Step, scalars...)
	if e.run.Step > e.drawn {
		e.drawing.do(e.weights)
	}
	e.out.Flush()
	e.check()
}

// weights writes the parameters as histograms, and those of the first layer as a picture.
func (e *events[T]) weights() {
	e.drawn = e.run.Step
	params := e.run.Network.Params()
	for _, p := range params {
		tensorboard.Histogram(e.out, e.run.Step, "parameters/"+p.Name, p.Value.Data)
	}
	if dims, w := e.run.Input.Shape.Dims(), e.run.FirstWeights(mostTiles); picture.DrawsWeights(dims) && w.Rows == e.run.Input.Shape.Size() {
		e.out.Image(e.run.Step, "first-layer weights", picture.Tiles(dims, picture.Units(w, w.Cols)))
	}
}

// mostTiles is how many units of the first layer are shown while they are trained.
const mostTiles = 256

// check stops the run if an event could not be written.
func (e *events[T]) check() {
	if err := e.out.Err(); err != nil {
		e.stop(err)
	}
}

// close writes the last weights, and what waits in memory.
func (e *events[T]) close() error {
	if e.run.Step > e.drawn {
		e.weights()
	}
	return e.out.Close()
}

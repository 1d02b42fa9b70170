package net

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStepMovesEveryParameterAgainstItsGradient(t *testing.T) {
	e := newEngine[float64](t)
	n := New(e, 3, 2, 4)
	for i, p := range n.Params() {
		for k := range p.Value.Data {
			p.Value.Data[k], p.Grad.Data[k] = float64(k), float64(i+1)
		}
	}
	sgd := NewSGD(e, SGDOptions{LearningRate: 0.5})
	sgd.Step(n.Params())
	for i, p := range n.Params() {
		for k, w := range p.Value.Data {
			require.Equal(t, float64(k)-0.5*float64(i+1), w, "%s[%d]", p.Name, k)
		}
	}
}

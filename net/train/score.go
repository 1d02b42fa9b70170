package train

import (
	"context"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// Score is the mean loss, without regularisation and weights, and the accuracy over
// examples. In a regression the loss is the mean squared error in the variance of the
// training part, and Accuracy has the coefficient of determination,
//
//	R² = 1 - Σ_i (z_i - t_i)² / Σ_i (t_i - mean of t)²
//
// which is 0 if all t are equal.
type Score struct{ Loss, Accuracy float64 }

// ScoreBatch is the number of examples that are scored at a time.
const ScoreBatch = 1000

// ScoreOn returns the score of n on the examples.
func ScoreOn[T kernels.Float](n *net.Network[T], examples Examples[T]) Score {
	s, _ := score(context.Background(), n, examples)
	return s
}

// score returns the score of n on the examples, or false if the context is done before
// all are scored.
func score[T kernels.Float](ctx context.Context, n *net.Network[T], examples Examples[T]) (Score, bool) {
	count := examples.Len()
	var rows [ScoreBatch]int
	var loss, sum, squares float64 // the last two of targets
	correct, classes := 0, true
	for i := 0; i < count; i += ScoreBatch {
		if ctx.Err() != nil {
			return Score{}, false
		}
		batch := rows[:min(ScoreBatch, count-i)]
		for k := range batch {
			batch[k] = i + k
		}
		x, truth := draw(examples, batch)
		truth.Weights = nil
		z := n.Logits(x)
		if p, ok := examples.(part[T]); ok && p.flips {
			z = kernels.NewMat(z.Rows, z.Cols, slices.Clone(z.Data)) // the network's own is overwritten
			p.meanOfMirrored(z, batch, func(mirrored, x kernels.Mat[T]) { copy(mirrored.Data, n.Logits(x).Data) })
		}
		loss += float64(n.LossAt(z, truth) * float64(len(batch)))
		if classes = truth.Labels != nil; classes {
			correct += net.Correct(z, truth.Labels)
			continue
		}
		for k := range truth.Targets.Rows {
			t := float64(truth.Targets.Row(k)[0])
			sum, squares = sum+t, squares+float64(t*t)
		}
	}
	if classes {
		return Score{loss / float64(count), float64(correct) / float64(count)}, true
	}
	r2, around := 0.0, squares-sum*sum/float64(count)
	if around > 0 {
		r2 = 1 - loss/around
	}
	return Score{loss / float64(count), r2}, true
}

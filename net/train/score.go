package train

import (
	"context"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// Score is the mean loss, without regularisation, and the accuracy over examples.
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
	var loss float64
	correct := 0
	for i := 0; i < count; i += ScoreBatch {
		if ctx.Err() != nil {
			return Score{}, false
		}
		batch := rows[:min(ScoreBatch, count-i)]
		for k := range batch {
			batch[k] = i + k
		}
		x, labels := examples.Draw(batch)
		loss += n.Loss(x, labels, 0).Data * float64(len(batch))
		correct += net.Correct(n.Output(), labels)
	}
	return Score{loss / float64(count), float64(correct) / float64(count)}, true
}

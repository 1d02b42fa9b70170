package report

import (
	"math"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/toy"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// toyCheck is what the report's sections 2 to 5 compare, computed here: relative
// errors of gradients on the toy problem, and how far scores and loss are from those
// that the exercise gives.
type toyCheck struct {
	Z3, W1, B1, W2, B2 float64
	Scores, Loss       float64
}

// checkToy computes the errors.
func checkToy(engine *kernels.Engine[float64]) (*toyCheck, error) {
	problem, err := toy.New(engine)
	if err != nil {
		return nil, err
	}
	x, labels := problem.X, problem.Labels
	c := &toyCheck{Loss: math.Abs(problem.Network.Loss(x, labels, toy.Regularisation).Total() - correctLoss)}
	logits := problem.Network.Logits(x)
	direct, scores := net.New(engine, x.Rows, logits.Cols), kernels.NewMat[float64](logits.Rows, logits.Cols, nil)
	engine.Softmax(scores, logits)
	for i := range logits.Rows {
		for j, p := range scores.Row(i) {
			c.Scores += math.Abs(p - correctScores[i][j])
		}
		copy(direct.Params()[0].Value.Row(i), logits.Row(i))
	}
	// A layer of these logits whose input is the identity gives them, so that its
	// weights' gradient is that of the logits.
	c.Z3 = net.CheckGradients(direct, identity(x.Rows), labels, 0)[0].Max
	for _, e := range problem.CheckGradients() {
		*map[string]*float64{"W1": &c.W1, "b1": &c.B1, "W2": &c.W2, "b2": &c.B2}[e.Name] = e.Max
	}
	return c, nil
}

// What the exercise gives as the correct scores and loss of the toy problem, to its
// digits.
var correctScores = [][]float64{
	{0.36446210, 0.22911264, 0.40642526},
	{0.47590629, 0.17217039, 0.35192332},
	{0.43035767, 0.26164229, 0.30800004},
	{0.41583127, 0.29832280, 0.28584593},
	{0.36328815, 0.32279939, 0.31391246},
}

const correctLoss = 1.30378789133

func identity(n int) kernels.Mat[float64] {
	m := kernels.NewMat[float64](n, n, nil)
	for i := range n {
		m.Row(i)[i] = 1
	}
	return m
}

// reportCheck is what the report prints of the same; it has none of the logits.
var reportCheck = toyCheck{
	W1: 3.561318e-09, W2: 3.440708e-09, B1: 2.738421e-09, B2: 4.447667e-11,
	Scores: 2.9173411658645065e-08, Loss: 1.7985612998927536e-13,
}

// reportFinalLoss is the last loss that the report prints of its toy problem.
const reportFinalLoss = "0.015634987611856756"

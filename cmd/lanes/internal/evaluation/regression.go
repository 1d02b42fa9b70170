package evaluation

import "math"

// Regression is how well numbers are found.
type Regression struct {
	Examples int     `json:"examples"`
	MSE      float64 `json:"mse"`  // mean squared error, in the square of the target's unit
	RMSE     float64 `json:"rmse"` // its root
	MAE      float64 `json:"mae"`  // mean absolute error
	// R2 is the coefficient of determination, 1 - MSE/variance of the targets; nil if they
	// are all equal.
	R2 *float64 `json:"r2"`
}

// Score compares predictions with targets, of which there are as many.
func Score(predictions []float64, targets []float32) Regression {
	r := Regression{Examples: len(targets)}
	n := float64(len(targets))
	mean := 0.0
	for _, t := range targets {
		mean += float64(t) / n
	}
	variance := 0.0
	for i, t := range targets {
		e := predictions[i] - float64(t)
		r.MSE += e * e / n
		r.MAE += math.Abs(e) / n
		variance += (float64(t) - mean) * (float64(t) - mean) / n
	}
	r.RMSE = math.Sqrt(r.MSE)
	if variance > 0 {
		r2 := 1 - r.MSE/variance
		r.R2 = &r2
	}
	return r
}

package gonumblas

import "github.com/lanes-ml/lanes/kernels"

// fits reports whether a vector has elements, and gonum accepts it. If not, gonum's own
// function is called, which returns or panics with its own text.
func fits[T kernels.Float](n int, x []T, inc int) bool {
	return n > 0 && inc != 0 && len(x) > (n-1)*max(inc, -inc)
}

// fitsForward is fits for functions that do nothing where an increment is negative.
func fitsForward[T kernels.Float](n int, x []T, inc int) bool {
	return n > 0 && inc > 0 && len(x) > (n-1)*inc
}

func vec[T kernels.Float](n int, x []T, inc int) kernels.Vec[T] {
	if inc == 1 {
		return kernels.NewVec(x[:n])
	}
	return kernels.StridedVec(x, n, inc)
}

// Sdot returns Σ x[i]·y[i], by [kernels.Engine.Dot].
func (impl Implementation) Sdot(n int, x []float32, incX int, y []float32, incY int) float32 {
	if fits(n, x, incX) && fits(n, y, incY) {
		return impl.float32s().Dot(vec(n, x, incX), vec(n, y, incY))
	}
	return impl.Implementation.Sdot(n, x, incX, y, incY)
}

// Ddot is [Implementation.Sdot] for float64.
func (impl Implementation) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	if uint(n-1) < few && incX == 1 && incY == 1 && n <= len(x) && n <= len(y) {
		return dot(x[:n], y[:n])
	}
	if fits(n, x, incX) && fits(n, y, incY) {
		return impl.float64s().Dot(vec(n, x, incX), vec(n, y, incY))
	}
	return impl.Implementation.Ddot(n, x, incX, y, incY)
}

// Snrm2 returns √Σ x[i]², by [kernels.Engine.Nrm2].
func (impl Implementation) Snrm2(n int, x []float32, incX int) float32 {
	if fitsForward(n, x, incX) {
		return impl.float32s().Nrm2(vec(n, x, incX))
	}
	return impl.Implementation.Snrm2(n, x, incX)
}

// Dnrm2 is [Implementation.Snrm2] for float64.
func (impl Implementation) Dnrm2(n int, x []float64, incX int) float64 {
	if fitsForward(n, x, incX) {
		return impl.float64s().Nrm2(vec(n, x, incX))
	}
	return impl.Implementation.Dnrm2(n, x, incX)
}

// Sasum returns Σ|x[i]|, by [kernels.Engine.Asum].
func (impl Implementation) Sasum(n int, x []float32, incX int) float32 {
	if fitsForward(n, x, incX) {
		return impl.float32s().Asum(vec(n, x, incX))
	}
	return impl.Implementation.Sasum(n, x, incX)
}

// Dasum is [Implementation.Sasum] for float64.
func (impl Implementation) Dasum(n int, x []float64, incX int) float64 {
	if fitsForward(n, x, incX) {
		return impl.float64s().Asum(vec(n, x, incX))
	}
	return impl.Implementation.Dasum(n, x, incX)
}

// Isamax returns the index of the first element of the largest magnitude, by
// [kernels.Engine.Iamax].
func (impl Implementation) Isamax(n int, x []float32, incX int) int {
	if fitsForward(n, x, incX) {
		return impl.float32s().Iamax(vec(n, x, incX))
	}
	return impl.Implementation.Isamax(n, x, incX)
}

// Idamax is [Implementation.Isamax] for float64.
func (impl Implementation) Idamax(n int, x []float64, incX int) int {
	if fitsForward(n, x, incX) {
		return impl.float64s().Iamax(vec(n, x, incX))
	}
	return impl.Implementation.Idamax(n, x, incX)
}

// Sswap exchanges x and y, by [kernels.Engine.Swap].
func (impl Implementation) Sswap(n int, x []float32, incX int, y []float32, incY int) {
	if !(fits(n, x, incX) && fits(n, y, incY)) {
		impl.Implementation.Sswap(n, x, incX, y, incY)
		return
	}
	impl.float32s().Swap(vec(n, x, incX), vec(n, y, incY))
}

// Dswap is [Implementation.Sswap] for float64.
func (impl Implementation) Dswap(n int, x []float64, incX int, y []float64, incY int) {
	if !(fits(n, x, incX) && fits(n, y, incY)) {
		impl.Implementation.Dswap(n, x, incX, y, incY)
		return
	}
	impl.float64s().Swap(vec(n, x, incX), vec(n, y, incY))
}

// Scopy computes y = x, by [kernels.Engine.Copy].
func (impl Implementation) Scopy(n int, x []float32, incX int, y []float32, incY int) {
	if !(fits(n, x, incX) && fits(n, y, incY)) {
		impl.Implementation.Scopy(n, x, incX, y, incY)
		return
	}
	impl.float32s().Copy(vec(n, y, incY), vec(n, x, incX))
}

// Dcopy is [Implementation.Scopy] for float64.
func (impl Implementation) Dcopy(n int, x []float64, incX int, y []float64, incY int) {
	if !(fits(n, x, incX) && fits(n, y, incY)) {
		impl.Implementation.Dcopy(n, x, incX, y, incY)
		return
	}
	impl.float64s().Copy(vec(n, y, incY), vec(n, x, incX))
}

// Saxpy computes y = alpha * x + y, by [kernels.Engine.Axpy].
func (impl Implementation) Saxpy(n int, alpha float32, x []float32, incX int, y []float32, incY int) {
	if !(fits(n, x, incX) && fits(n, y, incY)) {
		impl.Implementation.Saxpy(n, alpha, x, incX, y, incY)
		return
	}
	impl.float32s().Axpy(vec(n, y, incY), alpha, vec(n, x, incX))
}

// Daxpy is [Implementation.Saxpy] for float64.
func (impl Implementation) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	if uint(n-1) < few && axpyFew(impl.float64s(), n, alpha, x, incX, y, incY) {
		return
	}
	if !(fits(n, x, incX) && fits(n, y, incY)) {
		impl.Implementation.Daxpy(n, alpha, x, incX, y, incY)
		return
	}
	impl.float64s().Axpy(vec(n, y, incY), alpha, vec(n, x, incX))
}

// Srot turns the points (x[i], y[i]) by an angle with the cosine c and the sine s, by
// [kernels.Engine.Rot].
func (impl Implementation) Srot(n int, x []float32, incX int, y []float32, incY int, c, s float32) {
	if !(fits(n, x, incX) && fits(n, y, incY)) {
		impl.Implementation.Srot(n, x, incX, y, incY, c, s)
		return
	}
	impl.float32s().Rot(vec(n, x, incX), vec(n, y, incY), c, s)
}

// Drot is [Implementation.Srot] for float64.
func (impl Implementation) Drot(n int, x []float64, incX int, y []float64, incY int, c, s float64) {
	if !(fits(n, x, incX) && fits(n, y, incY)) {
		impl.Implementation.Drot(n, x, incX, y, incY, c, s)
		return
	}
	impl.float64s().Rot(vec(n, x, incX), vec(n, y, incY), c, s)
}

// Sscal computes x = alpha * x, by [kernels.Engine.Scal]. But for alpha = 0, as gonum has it,
// x is not read: its elements become 0.
func (impl Implementation) Sscal(n int, alpha float32, x []float32, incX int) {
	if alpha == 0 || !fitsForward(n, x, incX) {
		impl.Implementation.Sscal(n, alpha, x, incX)
		return
	}
	impl.float32s().Scal(alpha, vec(n, x, incX))
}

// Dscal is [Implementation.Sscal] for float64.
func (impl Implementation) Dscal(n int, alpha float64, x []float64, incX int) {
	if alpha == 0 || !fitsForward(n, x, incX) {
		impl.Implementation.Dscal(n, alpha, x, incX)
		return
	}
	impl.float64s().Scal(alpha, vec(n, x, incX))
}

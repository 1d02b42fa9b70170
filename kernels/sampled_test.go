//go:build !exhaustive

package kernels

// floatStep is the distance of the float32 values, as bits, that exp and log are
// tested at. It shares no factor with 2³².
const floatStep = 4099

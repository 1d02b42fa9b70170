package train

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/safetensors"
)

// To find a tensor takes no look at the others: with one for each this would not end
// before the test is stopped.
func TestTensorsAreFoundByNameAmongMany(t *testing.T) {
	const n = 1_000_000
	c := &checkpoint{tensors: make([]safetensors.Tensor, n)}
	for i := range c.tensors {
		c.tensors[i] = safetensors.Tensor{Name: fmt.Sprint("layers.", i), Shape: []int{i}}
	}
	for i := range n {
		tensor, err := c.tensor(c.tensors[n-1-i].Name)
		if err != nil || tensor.Shape[0] != n-1-i {
			t.Fatal(i, tensor, err)
		}
	}
	_, err := c.tensor("layers.-1")
	require.EqualError(t, err, "no tensor layers.-1")
}

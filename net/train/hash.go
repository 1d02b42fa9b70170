package train

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// SHA256 returns the hash, in hexadecimal, of the parameters in the order of
// [net.Network.Params], their elements little-endian.
func SHA256[T kernels.Float](n *net.Network[T]) string {
	h := sha256.New()
	for _, p := range n.Params() {
		safetensors.Stream(p.Name, nil, p.Value).WriteData(h) // a hash does not fail
	}
	return hex.EncodeToString(h.Sum(nil))
}

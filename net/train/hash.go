package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// weightsSHA256 returns the hash, in hexadecimal, of the parameters in the order of
// [net.Network.Params] and of the buffers, with little-endian elements.
func weightsSHA256[T kernels.Float](n *net.Network[T]) string {
	h := sha256.New()
	for _, p := range saved(n) {
		safetensors.Stream(p.Name, nil, p.Value).WriteData(h) // a hash does not fail
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashLabels adds labels to a hash: a byte each, or four, little-endian,
// if one of them is above 255.
func hashLabels(h hash.Hash, labels []int32) {
	if slices.ContainsFunc(labels, func(y int32) bool { return y > math.MaxUint8 }) {
		binary.Write(h, binary.LittleEndian, labels) // a hash does not fail
		return
	}
	bytes := make([]byte, len(labels))
	for i, y := range labels {
		bytes[i] = byte(y)
	}
	h.Write(bytes)
}

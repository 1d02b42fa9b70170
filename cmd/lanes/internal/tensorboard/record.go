package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked returns the checksum of b as records have it: its CRC-32C, turned right by 15 bits,
// plus a constant, because a checksum of data that holds its own checksum tells little.
//
// Source: TensorFlow's guide to TFRecord, "TFRecords format details".
func masked(b []byte) uint32 {
	sum := crc32.Checksum(b, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

// appendRecord appends data as a record: its size in 8 bytes, the checksum of these, data,
// the checksum of data, all with the lowest byte first.
func appendRecord(b, data []byte) []byte {
	begin := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, masked(b[begin:]))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, masked(data))
}

// Package claim reads as many bytes as a header claims, without trusting it.
package claim

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// free is how many bytes are allocated for any claim.
const free = 32 << 20

// Read returns the bytes of the stream that open opens, which must be n. The stream comes
// from a file of size bytes and may be compressed. A claim of more than 2·size + 32 MiB is
// first compared with the length of the stream, which is then opened again, so that a
// false claim allocates no more than that. Errors tell the place: the stream begins at
// that offset of what the caller reads.
func Read(open func() (io.ReadCloser, error), n, size, offset int64) ([]byte, error) {
	if n > math.MaxInt {
		return nil, fmt.Errorf("offset %d: the header claims %d bytes, more than memory can hold", offset, n)
	}
	var b []byte
	into := func(in io.Reader) (int64, error) {
		b = make([]byte, n)
		got, err := io.ReadFull(in, b)
		return int64(got), err
	}
	if n > 2*size+free {
		if err := exactly(open, n, offset, func(in io.Reader) (int64, error) { return io.CopyN(io.Discard, in, n) }); err != nil {
			return nil, err
		}
	}
	if err := exactly(open, n, offset, into); err != nil {
		return nil, err
	}
	return b, nil
}

// exactly opens the stream and lets read take n bytes of it. It returns an error if there
// are fewer or more.
func exactly(open func() (io.ReadCloser, error), n, offset int64, read func(io.Reader) (int64, error)) error {
	in, err := open()
	if err != nil {
		return err
	}
	defer in.Close()
	got, err := read(in)
	if got < n {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("the data ends after %d bytes, the header claims %d", got, n)
		}
		return fmt.Errorf("offset %d: %w", offset+got, err)
	}
	// At the end a compressed stream compares its checksum.
	var more [1]byte
	switch got, err := io.ReadFull(in, more[:]); {
	case got > 0:
		return fmt.Errorf("offset %d: bytes follow the %d that the header claims", offset+n, n)
	case err != io.EOF:
		return fmt.Errorf("offset %d: %w", offset+n, err)
	}
	return nil
}

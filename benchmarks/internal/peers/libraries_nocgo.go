//go:build !cgo || !(linux || darwin)

package peers

func loadLibraries() ([]Peer, []Absent) {
	const reason = "this program was built without cgo"
	return nil, []Absent{{"OpenBLAS", reason}, {"BLIS", reason}, {"oneDNN", reason}, {"libxsmm", reason}}
}

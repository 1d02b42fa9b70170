package kernels

import (
	"testing"
	"testing/fstest"

	"github.com/klauspost/cpuid/v2"
	"github.com/klauspost/cpuid/v2/topology"
	"github.com/stretchr/testify/require"
)

const kilobyte = 1 << 10

// The tiles of AVX2 and of AVX-512, on any machine.
var (
	narrow32 = shape{rows: 6, vectors: 2, lanes: 8, size: 4}
	narrow64 = shape{rows: 6, vectors: 2, lanes: 4, size: 8}
	wide32   = shape{rows: 8, vectors: 3, lanes: 16, size: 4}
	wide64   = shape{rows: 8, vectors: 3, lanes: 8, size: 8}
)

var (
	zen3           = caches{cache{32 * kilobyte, 8, 1}, cache{512 * kilobyte, 8, 1}, cache{32768 * kilobyte, 16, 8}}
	zen4           = caches{cache{32 * kilobyte, 8, 1}, cache{1024 * kilobyte, 8, 1}, cache{32768 * kilobyte, 16, 8}}
	sapphireRapids = caches{cache{48 * kilobyte, 12, 1}, cache{2048 * kilobyte, 16, 1}, cache{107520 * kilobyte, 15, 56}}
	zen5           = caches{cache{48 * kilobyte, 12, 1}, cache{1024 * kilobyte, 16, 1}, cache{32768 * kilobyte, 16, 8}}
)

// The table in the comment of modelled.
func TestModelOnFourMachines(t *testing.T) {
	for _, machine := range []struct {
		caches
		cpu    cpuid.CPUInfo
		kc, mc [4]int
	}{
		{zen3, amd(25), [4]int{256, 256, 384, 384}, [4]int{240, 126, 168, 80}},
		{zen4, amd(25), [4]int{256, 256, 384, 384}, [4]int{240, 240, 240, 168}},
		{sapphireRapids, cpuid.CPUInfo{VendorID: cpuid.Intel, Family: 6}, [4]int{384, 256, 512, 512}, [4]int{240, 240, 176, 240}},
		{zen5, amd(26), [4]int{384, 256, 1024, 1024}, [4]int{240, 240, 88, 64}},
	} {
		for i, s := range []shape{narrow32, narrow64, wide32, wide64} {
			b := modelled(s, machine.caches, processorOf(&machine.cpu).depth)
			require.Equal(t, machine.kc[i], b.kc, "%+v: %+v", machine.caches, b)
			require.Equal(t, machine.mc[i], b.mc, "%+v: %+v", machine.caches, b)
			require.Equal(t, 3*machine.l2.size/2/s.size, b.slab, "%+v", b)
		}
	}
}

func amd(family int) cpuid.CPUInfo { return cpuid.CPUInfo{VendorID: cpuid.AMD, Family: family} }

func TestBlockingFitsTheCaches(t *testing.T) {
	for _, c := range []caches{
		zen3, zen4, sapphireRapids,
		cachesOf(&cpuid.CPUInfo{}, &topology.System{}, nil),                                                 // unknown
		{cache{32 * kilobyte, 8, 1}, cache{256 * kilobyte, 4, 1}, cache{2048 * kilobyte, 16, 4}},            // small
		{cache{32 * kilobyte, 8, 1}, cache{2048 * kilobyte, 16, 4}, cache{6144 * kilobyte, 12, 8}},          // shared
		{cache{32 * kilobyte, 8, 1}, cache{256 * kilobyte, 8, 1}, cache{8192 * kilobyte, 16, 4}},            // of which panels take much
		{cache{64 * kilobyte, 2, 1}, cache{512 * kilobyte, 16, 1}, cache{512 * kilobyte, 16, 1}},            // few ways
		{cache{16 * kilobyte, 4, 1}, cache{128 * kilobyte, 8, 1}, cache{64 * kilobyte, 1, 64}},              // tiny
		{cache{128 * kilobyte, 8, 1}, cache{12288 * kilobyte, 12, 4}, cache{1024 * 1024 * kilobyte, 16, 1}}, // huge
	} {
		for _, s := range []shape{narrow32, narrow64, wide32, wide64} {
			b := modelled(s, c, usual.depth)
			require.Zero(t, b.mc%b.mr, "%+v", b)
			require.Zero(t, b.nc%b.nr, "%+v", b)
			require.GreaterOrEqual(t, b.mc, 4*b.mr, "%+v", b)
			require.GreaterOrEqual(t, b.slab, b.kc*b.nr, "a slab holds a panel: %+v", b)
			require.LessOrEqual(t, b.slab*s.size*min(c.l3.cores, mostShares), max(c.l3.size/2, b.kc*b.nr*s.size*mostShares), "a slab of B: %+v", b)
			if b.mc > 4*b.mr {
				require.LessOrEqual(t, b.mc*b.kc*s.size, c.l2.size/c.l2.cores/2, "a block of A: %+v, %+v", b, c)
			}
			if l2 := (cache{c.l2.size / c.l2.cores, c.l2.ways, 1}); b.mc > 4*b.mr {
				require.LessOrEqual(t, l2.waysFor(b.mc*b.kc*s.size)+l2.waysFor(2*b.kc*b.nr*s.size)+1, l2.ways, "a block of A, two panels of B and C: %+v, %+v", b, c)
			}
			if b.kc != usual.depth {
				require.LessOrEqual(t, b.kc*(b.nr+b.mr)*s.size, c.l1.size, "a panel of B and a tile's rows of A: %+v, %+v", b, c)
			}
			exported := b.exported()
			require.NoError(t, exported.check(s))
			require.Equal(t, b, exported.of(s))
		}
	}
}

// A processor with four threads on two cores, which share a last level.
func TestCachesAreWhatTheProcessorTells(t *testing.T) {
	system := &topology.System{Packages: []topology.Package{{Groups: []topology.Group{{
		Cores: []topology.Core{{Caches: []topology.Cache{
			{Level: 1, Type: topology.Data, Size: 48 * kilobyte, Ways: 12, SharedThreads: 2},
			{Level: 1, Type: topology.Instruction, Size: 64 * kilobyte, Ways: 16, SharedThreads: 2},
			{Level: 2, Type: topology.Unified, Size: 2048 * kilobyte, Ways: 16, SharedThreads: 2},
		}}},
		Caches: []topology.Cache{{Level: 3, Type: topology.Unified, Size: 8192 * kilobyte, Ways: 16, SharedThreads: 4}},
	}}}}}
	cpu := &cpuid.CPUInfo{ThreadsPerCore: 2}
	require.Equal(t, caches{cache{48 * kilobyte, 12, 1}, cache{2048 * kilobyte, 16, 1}, cache{8192 * kilobyte, 16, 2}}, cachesOf(cpu, system, nil))

	unknown := &cpuid.CPUInfo{}
	require.Equal(t, caches{cache{32 * kilobyte, 8, 1}, cache{512 * kilobyte, 8, 1}, cache{2048 * kilobyte, 16, 1}}, cachesOf(unknown, &topology.System{}, nil))
	unknown.Cache.L1D, unknown.Cache.L2, unknown.Cache.L3 = -1, 1024*kilobyte, -1
	require.Equal(t, caches{cache{32 * kilobyte, 8, 1}, cache{1024 * kilobyte, 8, 1}, cache{4096 * kilobyte, 16, 1}}, cachesOf(unknown, &topology.System{}, nil))
}

// Neoverse N1 with 80 cores, and what Linux says of it; then a system that does not know sizes.
func TestCachesAreWhatLinuxTells(t *testing.T) {
	linux, all := fstest.MapFS{}, "ffff,ffffffff,ffffffff\n"
	for index, text := range map[string][5]string{
		"index0": {"1\n", "Data\n", "64K\n", "4\n", "0000,00000000,00000001\n"},
		"index1": {"1\n", "Instruction\n", "48K\n", "3\n", "0000,00000000,00000001\n"},
		"index2": {"2\n", "Unified\n", "1024K\n", "8\n", "0000,00000000,00000001\n"},
		"index3": {"3\n", "Unified\n", "32768K\n", "16\n", all},
	} {
		for i, name := range []string{"level", "type", "size", "ways_of_associativity", "shared_cpu_map"} {
			linux[index+"/"+name] = &fstest.MapFile{Data: []byte(text[i])}
		}
	}
	cpu := &cpuid.CPUInfo{ThreadsPerCore: 1}
	require.Equal(t, caches{cache{64 * kilobyte, 4, 1}, cache{1024 * kilobyte, 8, 1}, cache{32768 * kilobyte, 16, 80}}, cachesOf(cpu, &topology.System{}, cachesIn(linux)))
	for _, index := range []string{"index0", "index2", "index3"} {
		delete(linux, index+"/size")
		delete(linux, index+"/ways_of_associativity")
	}
	require.Equal(t, caches{cache{32 * kilobyte, 8, 1}, cache{512 * kilobyte, 8, 1}, cache{2048 * kilobyte, 16, 80}}, cachesOf(cpu, &topology.System{}, cachesIn(linux)))
}

// An M1, and a system that does not know its caches.
func TestCachesAreWhatMacOSTells(t *testing.T) {
	m1 := map[string]int{"hw.perflevel0.l1dcachesize": 128 * kilobyte, "hw.perflevel0.l2cachesize": 12288 * kilobyte, "hw.perflevel0.cpusperl2": 4}
	cpu := &cpuid.CPUInfo{ThreadsPerCore: 1}
	told := cachesBy(func(name string) int { return m1[name] })
	require.Equal(t, caches{cache{128 * kilobyte, 8, 1}, cache{12288 * kilobyte, 8, 4}, cache{12288 * kilobyte, 16, 4}}, cachesOf(cpu, &topology.System{}, told))
	require.Nil(t, cachesBy(func(string) int { return 0 }))
}

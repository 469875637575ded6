package harness

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
)

// Where the kernel takes ports for outgoing connections from, when it does not say.
const (
	lowestServicePort    = 10000
	lowestEphemeralPort  = 32768
	servicePortsAttempts = 1000
)

// ServicePorts returns n different loopback ports that nobody listens on, for listeners that come and go. They lie below
// the range of outgoing connections: while a listener is away, the kernel gives its port to nobody, and in particular
// not to the client that tries to reach it and would then be connected to itself. preferred ports are taken when free.
func ServicePorts(n int, preferred ...int) ([]int, error) {
	portLock.Lock()
	defer portLock.Unlock()
	var ports []int
	for attempt := 0; len(ports) < n; attempt++ {
		if attempt >= servicePortsAttempts {
			return nil, fmt.Errorf("harness: no %d free ports", n)
		}
		port := lowestServicePort + rand.IntN(ephemeralPorts()-lowestServicePort)
		if len(ports) < len(preferred) && attempt < len(preferred) {
			port = preferred[attempt]
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		defer l.Close() // held until all are chosen, so that they differ
		ports = append(ports, port)
	}
	return ports, nil
}

// ephemeralPorts is the first port that the kernel takes for outgoing connections.
func ephemeralPorts() int {
	var first, last int
	data, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err == nil {
		_, err = fmt.Sscan(string(data), &first, &last)
	}
	if err != nil || first <= lowestServicePort {
		return lowestEphemeralPort
	}
	return first
}

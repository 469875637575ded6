// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// Codes of a request's attributes (ajpv13a, "Request Packet Structure", Attributes).
const (
	attrContext      byte = 0x01
	attrServletPath  byte = 0x02
	attrRemoteUser   byte = 0x03
	attrAuthType     byte = 0x04
	attrQuery        byte = 0x05
	attrRoute        byte = 0x06
	attrSSLCert      byte = 0x07
	attrSSLCipher    byte = 0x08
	attrSSLSession   byte = 0x09
	attrRequest      byte = 0x0A
	attrSSLKeySize   byte = 0x0B
	attrSecret       byte = 0x0C
	attrStoredMethod byte = 0x0D
	attrEnd          byte = 0xFF
)

// appendAttributes appends the attributes in mod_jk's order, which is not that of ajpv13a; receivers accept any.
func (r *ForwardRequest) appendAttributes(dst []byte, stored bool) []byte {
	dst = appendAttr(dst, attrContext, r.Context, r.Context != "")
	dst = appendAttr(dst, attrServletPath, r.ServletPath, r.ServletPath != "")
	dst = appendAttr(dst, attrSecret, r.Secret, r.Secret != "")
	dst = appendAttr(dst, attrRemoteUser, r.RemoteUser, r.RemoteUser != "")
	dst = appendAttr(dst, attrAuthType, r.AuthType, r.AuthType != "")
	dst = appendAttr(dst, attrQuery, r.Query, r.HasQuery)
	dst = appendAttr(dst, attrRoute, r.Route, r.Route != "")
	dst = appendAttr(dst, attrSSLCert, r.SSLCert, r.SSLCert != "")
	dst = appendAttr(dst, attrSSLCipher, r.SSLCipher, r.HasSSLCipher)
	dst = appendAttr(dst, attrSSLSession, r.SSLSession, r.HasSSLSession)
	if r.SSLKeySize != 0 {
		dst = appendInt(append(dst, attrSSLKeySize), r.SSLKeySize)
	}
	dst = appendAttr(dst, attrStoredMethod, r.Method, stored)
	dst = appendRequestAttrs(dst, r.Attributes)
	return appendRequestAttrs(dst, r.MoreAttributes)
}

func appendAttr(dst []byte, code byte, value string, present bool) []byte {
	if !present {
		return dst
	}
	return appendString(append(dst, code), value)
}

func appendRequestAttrs(dst []byte, attrs []Header) []byte {
	for i := range attrs {
		dst = appendString(append(dst, attrRequest), attrs[i].Name)
		dst = appendString(dst, attrs[i].Value)
	}
	return dst
}

func (r *ForwardRequest) decodeAttributes(in *reader) error {
	for {
		code, err := in.byte()
		if err != nil || code == attrEnd {
			return err
		}
		if err := r.decodeAttribute(in, code); err != nil {
			return err
		}
	}
}

func (r *ForwardRequest) decodeAttribute(in *reader, code byte) (err error) {
	if code == attrSSLKeySize {
		r.SSLKeySize, err = in.int()
		return err
	}
	value, err := in.string()
	if err != nil {
		return err
	}
	if code == attrRequest {
		name := value
		value, err = in.string()
		r.Attributes = append(r.Attributes, Header{name, value})
		return err
	}
	return r.setAttribute(code, value)
}

// setAttribute stores an attribute whose value is one string.
func (r *ForwardRequest) setAttribute(code byte, value string) error {
	fields := [...]*string{
		attrContext: &r.Context, attrServletPath: &r.ServletPath, attrRemoteUser: &r.RemoteUser,
		attrAuthType: &r.AuthType, attrQuery: &r.Query, attrRoute: &r.Route, attrSSLCert: &r.SSLCert,
		attrSSLCipher: &r.SSLCipher, attrSSLSession: &r.SSLSession, attrSecret: &r.Secret, attrStoredMethod: &r.Method,
	}
	if int(code) >= len(fields) || fields[code] == nil {
		return &CodeError{Code: code}
	}
	*fields[code] = value
	r.HasQuery = r.HasQuery || code == attrQuery
	r.HasSSLCipher = r.HasSSLCipher || code == attrSSLCipher
	r.HasSSLSession = r.HasSSLSession || code == attrSSLSession
	return nil
}

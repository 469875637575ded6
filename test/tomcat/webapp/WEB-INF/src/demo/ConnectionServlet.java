package demo;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** ConnectionServlet says what this Tomcat knows of the client's connection: scheme, addresses, TLS and the client's certificates. */
public class ConnectionServlet extends MemberServlet {
    private static final long serialVersionUID = 1;

    /** Attributes that Tomcat sets from what comes with a request, by the name of the fact. */
    private static final Map<String, String> ATTRIBUTES = Map.of(
            "cipher_suite", "jakarta.servlet.request.cipher_suite",
            "key_size", "jakarta.servlet.request.key_size",
            "ssl_session_id", "jakarta.servlet.request.ssl_session_id",
            "secure_protocol", "jakarta.servlet.request.secure_protocol",
            "protocol_version", "org.apache.tomcat.util.net.secure_protocol_version");

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("secure", request.isSecure());
        facts.put("scheme", request.getScheme());
        facts.put("protocol", request.getProtocol());
        facts.put("server", request.getServerName() + ":" + request.getServerPort());
        facts.put("remote", request.getRemoteAddr());
        facts.put("user", request.getRemoteUser());
        facts.put("auth_type", request.getAuthType());
        facts.put("body", request.getInputStream().readAllBytes().length);
        ATTRIBUTES.forEach((fact, name) -> facts.put(fact, request.getAttribute(name)));
        Object chain = request.getAttribute("jakarta.servlet.request.X509Certificate");
        if (chain instanceof X509Certificate[] certificates) {
            for (int i = 0; i < certificates.length; i++) {
                facts.put("certificate" + i, fingerprint(certificates[i]) + " " + certificates[i].getSubjectX500Principal());
            }
        }
        writeFacts(response, facts);
    }

    private static String fingerprint(X509Certificate certificate) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }
}

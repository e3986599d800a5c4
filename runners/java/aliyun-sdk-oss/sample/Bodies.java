import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

import com.aliyun.oss.ClientBuilderConfiguration;
import com.aliyun.oss.OSS;
import com.aliyun.oss.OSSClientBuilder;
import com.aliyun.oss.common.auth.CredentialsProviderFactory;
import com.aliyun.oss.common.auth.EnvironmentVariableCredentialsProvider;
import com.aliyun.oss.common.comm.SignVersion;
import com.aliyun.oss.model.GetObjectRequest;
import com.aliyun.oss.model.OSSObject;
import com.aliyuncs.exceptions.ClientException;

public class Bodies {

    public static void main(String[] args) throws ClientException, ClientException {
        // OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET must be set before this program is started.
        EnvironmentVariableCredentialsProvider credentials =
                CredentialsProviderFactory.newEnvironmentVariableCredentialsProvider();

        ClientBuilderConfiguration configuration = new ClientBuilderConfiguration();
        configuration.setSignatureVersion(SignVersion.V4);

        // The bucket lies in China (Hangzhou); endpoint and region belong together.
        OSS ossClient = OSSClientBuilder.create()
                .endpoint("https://oss-cn-hangzhou.aliyuncs.com")
                .credentialsProvider(credentials)
                .clientConfiguration(configuration)
                .region("cn-hangzhou")
                .build();

        try {
            // The image in the bucket, and what to do with it.
            GetObjectRequest request = new GetObjectRequest("examplebucket", "example.jpg");
            request.setProcess("image/bodies");
            OSSObject object = ossClient.getObject(request);

            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try (InputStream content = object.getObjectContent()) {
                byte[] buffer = new byte[4096];
                int count;
                while ((count = content.read(buffer)) != -1) {
                    answer.write(buffer, 0, count);
                }
            }
            System.out.println("Detected bodies:");
            System.out.println(new String(answer.toByteArray(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            System.out.println("Error: " + e.getMessage());
        } finally {
            ossClient.shutdown();
        }
    }
}

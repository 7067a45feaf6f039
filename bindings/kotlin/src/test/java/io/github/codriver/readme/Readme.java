package io.github.codriver.readme;

import io.github.codriver.PermissionDecision;
import io.github.codriver.java.Client;
import io.github.codriver.java.Description;
import io.github.codriver.java.Session;
import io.github.codriver.java.SessionConfig;
import io.github.codriver.java.Tool;

final class Readme {
    private Readme() {
    }

    record Weather(@Description("the city's name") String city) {}

    static void main() {
        try (Client client = Client.start().join();
                Session session = client.createSession(SessionConfig.builder()
                        .model("gpt-5")
                        .onEvent(event -> System.out.println(event.getType()))
                        .onPermissionRequest(request -> PermissionDecision.approveOnce())
                        .tool(Tool.builder("get_weather", "Tells the weather.")
                                .record(Weather.class, asked -> "22 °C in " + asked.city()))
                        .build()).join()) {
            System.out.println(session.sendAndWait("What is the weather in Paris?").join().getContent());
        }
    }
}

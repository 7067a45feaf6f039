;; A conversation through the Java facade. The tests run it against the mock runtime, which the property names.
(ns conversation
  (:import (io.github.codriver PermissionDecision)
           (io.github.codriver.java Client ClientOptions Handler SessionConfig Tool)
           (java.util.function Consumer)))

(defn handler [f]
  (reify Handler (handle [_ asked] (f asked))))

(defn options []
  (let [builder (ClientOptions/builder)]
    (when-let [path (System/getProperty "codriver.mock")]
      (.cliPath builder path))
    (.build builder)))

(def heard (promise))

(def weather
  (-> (Tool/builder "get_weather" "Tells the weather.")
      (.parameters {"type" "object" "properties" {"city" {"type" "string"}} "required" ["city"]})
      (.handler (handler (fn [call] (str "22 °C in " (get-in (.asMap call) ["arguments" "city"])))))))

(def config
  (-> (SessionConfig/builder)
      (.onEvent (reify Consumer (accept [_ event]
                                (when (= "assistant.message" (.getType event))
                                  (deliver heard (.text event "content"))))))
      (.onPermissionRequest (handler (fn [_] (PermissionDecision/approveOnce))))
      (.tool weather)
      (.build)))

(with-open [client (.join (Client/start (options)))
            session (.join (.createSession client config))]
  (let [turn (.join (.sendAndWait session "hello from Clojure"))]
    ;; The events tell the same, on their way.
    (assert (= (.getContent turn) (deref heard 60000 nil)))
    (.getContent turn)))

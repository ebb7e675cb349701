"""What paho-mqtt sees of the server on a port of this machine. Prints a line for each thing that is wrong."""

import queue
import sys
import warnings

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

warnings.simplefilter("ignore")
PORT = int(sys.argv[1])
WAIT = 10


class Client:
    """Connected when it is made; what comes waits in `messages`."""

    def __init__(self, version, client_id="", clean=True, will=None):
        # Version 2 of the library asks which callbacks are meant.
        first = (mqtt.CallbackAPIVersion.VERSION1,) if hasattr(mqtt, "CallbackAPIVersion") else ()
        session = {} if version == mqtt.MQTTv5 else {"clean_session": clean}
        self.messages = queue.Queue()
        self.told = queue.Queue()
        self.client = mqtt.Client(*first, client_id=client_id, protocol=version, **session)
        self.client.on_message = lambda client, data, message: self.messages.put(message)
        self.client.on_connect = lambda client, data, flags, *rest: self.told.put(flags["session present"])
        self.client.on_subscribe = lambda *rest: self.told.put("subscribed")
        if will is not None:
            self.client.will_set(will, "gone", qos=1)
        more = {}
        if version == mqtt.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 0 if clean else 60
            more = {"clean_start": clean, "properties": properties}
        self.client.connect("127.0.0.1", PORT, **more)
        self.client.loop_start()
        self.session_present = self.told.get(timeout=WAIT)

    def subscribe(self, topic, qos):
        self.client.subscribe(topic, qos)
        self.told.get(timeout=WAIT)

    def publish(self, *args, **more):
        self.client.publish(*args, **more).wait_for_publish(WAIT)

    def texts(self, count):
        return [self.messages.get(timeout=WAIT).payload.decode() for _ in range(count)]

    def end(self):
        self.client.disconnect()
        self.client.loop_stop()

    def cut(self):
        """Leaves without DISCONNECT."""
        self.client.loop_stop()
        self.client.socket().close()


def check(name, seen, expected):
    if seen != expected:
        print(f"{name}: {seen!r}, and not {expected!r}")


def run(version):
    writer = Client(version)
    for qos in (0, 1, 2):
        reader, topic = Client(version), f"paho/{version}/{qos}"
        reader.subscribe(topic, qos)
        numbers = [str(i) for i in range(30)]
        for number in numbers:
            writer.publish(topic, number, qos)
        check(f"{topic}: order", reader.texts(30), numbers)
        reader.end()

    writer.publish(f"paho/{version}/kept", "kept", 1, retain=True)
    reader = Client(version)
    reader.subscribe(f"paho/{version}/kept", 1)
    message = reader.messages.get(timeout=WAIT)
    check("retained", (message.payload, bool(message.retain)), (b"kept", True))

    reader.subscribe(f"paho/{version}/will", 1)
    Client(version, will=f"paho/{version}/will").cut()
    check("will", reader.texts(1), ["gone"])

    away = Client(version, f"paho-{version}", clean=False)
    away.subscribe(f"paho/{version}/away", 2)
    away.end()
    for text in ("1", "2", "3"):
        writer.publish(f"paho/{version}/away", text, 2)
    back = Client(version, f"paho-{version}", clean=False)
    check("session present", bool(back.session_present), True)
    check("session", back.texts(3), ["1", "2", "3"])

    members = [Client(version), Client(version)]
    for member in members:
        member.subscribe(f"$share/g/paho/{version}/shared", 1)
    for text in ("a", "b", "c", "d"):
        writer.publish(f"paho/{version}/shared", text, 1)
    check("shared", sorted(members[0].texts(2) + members[1].texts(2)), ["a", "b", "c", "d"])

    if version == mqtt.MQTTv5:
        properties = Properties(PacketTypes.PUBLISH)
        properties.UserProperty = [("a", "1"), ("a", "2")]
        properties.ResponseTopic = "answers"
        properties.CorrelationData = b"\0\xff"
        writer.publish(f"paho/{version}/kept", "{}", 1, properties=properties)
        seen = reader.messages.get(timeout=WAIT).properties
        check("properties", (seen.UserProperty, seen.ResponseTopic, seen.CorrelationData),
              ([("a", "1"), ("a", "2")], "answers", b"\0\xff"))
    for client in (writer, reader, back, *members):
        client.end()


for each in (mqtt.MQTTv311, mqtt.MQTTv5):
    run(each)

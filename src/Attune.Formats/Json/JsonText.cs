using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Attune.Formats;

/// <summary>Writes JSON the way people read it.</summary>
public static class JsonText
{
    /// <summary>Indented text with a final line feed.</summary>
    public static string Indented(JsonNode node) => Write(node, indented: true) + "\n";

    /// <summary>Text on one line, without a line feed.</summary>
    public static string Compact(JsonNode node) => Write(node, indented: false);

    private static string Write(JsonNode node, bool indented)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };
        using (var writer = new Utf8JsonWriter(buffer, options))
            node.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

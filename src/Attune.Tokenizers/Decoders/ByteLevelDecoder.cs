using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Decoders;

/// <summary>Turns byte characters back into bytes and reads all of them as one UTF-8 text.</summary>
/// <remarks>A token with any other character stands for its own UTF-8 form. Malformed stretches become U+FFFD. The settings are kept for the file.</remarks>
internal sealed class ByteLevelDecoder(bool addPrefixSpace, bool trimOffsets, bool useRegex) : IDecoder
{
    public static ByteLevelDecoder Read(JsonFields fields) =>
        new(fields.Bool("add_prefix_space", true), fields.Bool("trim_offsets", true), fields.Bool("use_regex", true));

    public void Decode(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens) AddBytes(token, bytes);
        tokens.Clear();
        tokens.Add(System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)));
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", addPrefixSpace);
        writer.WriteBoolean("trim_offsets", trimOffsets);
        writer.WriteBoolean("use_regex", useRegex);
        writer.WriteEndObject();
    }

    private static void AddBytes(string token, List<byte> bytes)
    {
        var start = bytes.Count;
        foreach (var c in token)
        {
            var value = ByteAlphabet.ToByte(c);
            if (value < 0)
            {
                bytes.RemoveRange(start, bytes.Count - start);
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(token));
                return;
            }

            bytes.Add((byte)value);
        }
    }
}

using System.Buffers.Binary;
using Attune.Formats;
using Attune.Tokenizers;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>What the flags of a SentencePiece <c>.model</c> file change.</summary>
public sealed class SentencePieceFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("attune-spiece-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(true, true, "a  b", "\u2581a \u2581b")]
    [InlineData(false, true, " a  b ", "\u2581a \u2581b")]
    [InlineData(false, true, "a  b ", "a \u2581b")]
    [InlineData(true, false, "a  b", "\u2581a \u2581 \u2581b")]
    [InlineData(false, false, "a b", "a \u2581b")]
    public void Spaces_are_marked_and_removed_as_the_normalizer_says(bool addDummyPrefix, bool removeExtraSpaces, string text, string tokens) =>
        Assert.Equal(tokens, string.Join(' ', Load(addDummyPrefix, removeExtraSpaces, []).Encode(text).Tokens));

    [Fact]
    public void What_the_user_defined_is_a_token_wherever_it_stands()
    {
        Tokenizer tokenizer = Load(true, true, ["ab"]);
        Encoding encoding = tokenizer.Encode("aabb b");
        Assert.Equal(["\u2581a", "ab", "b", "\u2581b"], encoding.Tokens);
        Assert.Equal("aabb b", tokenizer.Decode([.. encoding.Ids]));
    }

    [Theory]
    [InlineData(2, 24, 1, "treat_whitespace_as_suffix")]
    [InlineData(3, 5, 0, "escape_whitespaces")]
    public void What_is_not_supported_is_refused_by_name(int message, int field, int value, string name)
    {
        byte[] file = [.. Model(true, true, []), .. Message(message, Number(field, value))];
        Assert.Contains(name, Assert.Throws<AttuneFormatException>(() => LoadBytes(file)).Message, StringComparison.Ordinal);
    }

    private Tokenizer Load(bool addDummyPrefix, bool removeExtraSpaces, string[] userDefined) => LoadBytes(Model(addDummyPrefix, removeExtraSpaces, userDefined));

    private Tokenizer LoadBytes(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "spiece.model"), bytes);
        return Tokenizer.LoadFolder(_folder.FullName);
    }

    private static byte[] Model(bool addDummyPrefix, bool removeExtraSpaces, string[] userDefined)
    {
        IEnumerable<(string Text, float Score, int Kind)> pieces = [("<unk>", 0, 2), ("\u2581", -3, 1), ("a", -3, 1), ("b", -3, 1), ("\u2581a", -2, 1), ("\u2581b", -2, 1), .. userDefined.Select(text => (text, 0f, 4))];
        return
        [
            .. pieces.SelectMany(p => Message(1, [.. Text(1, p.Text), .. Float(2, p.Score), .. Number(3, p.Kind)])),
            .. Message(2, Number(3, 1)),
            .. Message(3, [.. Number(3, addDummyPrefix ? 1 : 0), .. Number(4, removeExtraSpaces ? 1 : 0)]),
        ];
    }

    // Tags and lengths here all fit into one or two bytes.
    private static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value | 128), (byte)(value >> 7)];

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Message(int field, byte[] content) => [.. Varint((field << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Text(int field, string text) => Message(field, System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] Float(int field, float value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return [.. Varint((field << 3) | 5), .. bytes];
    }
}

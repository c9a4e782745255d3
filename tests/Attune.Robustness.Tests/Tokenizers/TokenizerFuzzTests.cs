using System.IO.Compression;
using System.Text.Json.Nodes;
using Attune.Parity.Tests;
using Attune.Robustness.Tests.Fuzzing;
using Attune.Tokenizers;
using Google.Protobuf;
using Xunit;

namespace Attune.Robustness.Tests.Tokenizers;

/// <summary>Damaged tokenizer files of every kind: a tokenizer that encodes and decodes, or a clean refusal.</summary>
public sealed class TokenizerFuzzTests
{
    private const string Text = "Hello, wörld! 12 ab abc  中文\t\"it's\" <mask> </s>\n";

    private const string WordPiece = """{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"ab":3,"##c":4,"hello":5}}""";
    private const string Bpe = """{"type":"BPE","dropout":null,"unk_token":"<unk>","continuing_subword_prefix":null,"end_of_word_suffix":"</w>","fuse_unk":true,"byte_fallback":true,"ignore_merges":false,"vocab":{"<unk>":0,"a":1,"b</w>":2,"ab</w>":3,"<0x41>":4},"merges":[["a","b</w>"]]}""";
    private const string Unigram = """{"type":"Unigram","unk_id":0,"byte_fallback":false,"vocab":[["<unk>",0.0],["▁",-2.5],["a",-3.0],["ab",-3.5]]}""";
    private const string WordLevel = """{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0,"ab":1,"Hello":2}}""";
    private const string Template = """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"[CLS]":{"id":"[CLS]","ids":[1],"tokens":["[CLS]"]}}}""";
    private const string BertEnds = """{"type":"BertProcessing","sep":["[SEP]",2],"cls":["[CLS]",1]}""";
    private const string RobertaEnds = """{"type":"RobertaProcessing","sep":["[SEP]",2],"cls":["[CLS]",1],"trim_offsets":true,"add_prefix_space":false}""";

    [Fact]
    public void Tokenizer_files_are_read_or_refused() => ParserFuzzer.Run(
        [
            Whole(WordPiece, "normalizer", """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""", Template),
            Whole(Bpe, "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"'s|'t| ?\\p{L}+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false}""", BertEnds),
            Whole(Unigram, "pre_tokenizer", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""", Template),
            Whole(WordLevel, "pre_tokenizer", """{"type":"Whitespace"}""", RobertaEnds),
        ],
        bytes => Use(Tokenizer.Parse(bytes)), variants: 6000);

    [Fact]
    public void Components_are_read_or_refused() => ParserFuzzer.Run(Components(), bytes => Use(Tokenizer.Parse(bytes)), variants: 6000);

    [Fact]
    public void Vocabulary_lines_are_read_or_refused() =>
        ParserFuzzer.RunOnFile(["[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\nab\n##c\nhello\n"u8.ToArray()], "vocab.txt", UseFolder);

    [Fact]
    public void Vocabulary_tables_are_read_or_refused() => ParserFuzzer.RunOnFile(
        ["""{"<unk>":0,"<s>":1,"</s>":2,"a":3,"b":4,"ab":5,"Ġ":6}"""u8.ToArray()], "vocab.json", path =>
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, "merges.txt"), "#version: 0.2\na b\n");
            UseFolder(path);
        });

    [Fact]
    public void Merges_are_read_or_refused() => ParserFuzzer.RunOnFile(["#version: 0.2\na b\nĠ ab\n"u8.ToArray()], "merges.txt", path =>
    {
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, "vocab.json"), """{"a":0,"b":1,"ab":2,"Ġ":3,"Ġab":4}""");
        UseFolder(path);
    });

    [Fact]
    public void Settings_are_read_or_refused() => ParserFuzzer.RunOnFile(
        ["""{"tokenizer_class":"BertTokenizer","do_lower_case":true,"cls_token":"[CLS]","model_max_length":512,"added_tokens_decoder":{"1":{"content":"[CLS]","special":true}}}"""u8.ToArray()],
        "tokenizer_config.json", path =>
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, "vocab.txt"), "[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\nab\n");
            UseFolder(path);
        });

    [Fact]
    public void Sentence_pieces_are_read_or_refused() => ParserFuzzer.RunOnFile([SmallSentencePieceModel()], "tokenizer.model", path =>
    {
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, "tokenizer_config.json"), """{"tokenizer_class":"LlamaTokenizer"}""");
        UseFolder(path);
    });

    private static void UseFolder(string path) => Use(Tokenizer.LoadFolder(Path.GetDirectoryName(path)!));

    private static void Use(Tokenizer tokenizer)
    {
        try
        {
            Encoding encoding = tokenizer.Encode(Text, "ab abc");
            _ = tokenizer.Decode([.. encoding.Ids], skipSpecialTokens: false);
            _ = tokenizer.EncodeIds(Text, []);
        }
        catch (TokenizationException)
        {
            // A vocabulary without an unknown token may fail to express a text.
        }
    }

    private static byte[] Whole(string model, string slot, string component, string? ends = null)
    {
        JsonObject whole = new()
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = JsonNode.Parse("""[{"id":9,"content":"<mask>","single_word":false,"lstrip":true,"rstrip":false,"normalized":false,"special":true}]"""),
            ["normalizer"] = null,
            ["pre_tokenizer"] = null,
            ["post_processor"] = ends is null ? null : JsonNode.Parse(ends),
            ["decoder"] = null,
            ["model"] = JsonNode.Parse(model),
        };
        whole[slot] = JsonNode.Parse(component);
        return System.Text.Encoding.UTF8.GetBytes(whole.ToJsonString());
    }

    // Every component of the goldens, each in a tokenizer of its own; the precompiled table is too large for a seed.
    private static byte[][] Components()
    {
        string path = Path.Combine(Goldens.Root, "tokenizers", "components.jsonl.gz");
        using GZipStream stream = new(File.OpenRead(path), CompressionMode.Decompress);
        using StreamReader reader = new(stream);
        List<byte[]> seeds = [];
        while (reader.ReadLine() is { } line)
        {
            JsonNode entry = JsonNode.Parse(line)!;
            if ((string?)entry["spec"]!["type"] != "Precompiled") seeds.Add(Whole(WordLevel, (string)entry["kind"]!, entry["spec"]!.ToJsonString()));
        }
        return [.. seeds];
    }

    // pieces = 1 { piece = 1, score = 2, type = 3 }, trainer_spec = 2 { model_type = 3, unk_id = 40 }, normalizer_spec = 3 { name = 1 }
    private static byte[] SmallSentencePieceModel()
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            (string Piece, float Score, int Type)[] pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), .. Enumerable.Range(0, 256).Select(i => ($"<0x{i:X2}>", 0f, 6)), ("▁", -1, 1), ("a", -2, 1), ("b", -3, 1), ("ab", -4, 1)];
            foreach ((string piece, float score, int type) in pieces)
                Message(output, 1, inner => { inner.WriteTag(1, WireFormat.WireType.LengthDelimited); inner.WriteString(piece); inner.WriteTag(2, WireFormat.WireType.Fixed32); inner.WriteFloat(score); inner.WriteTag(3, WireFormat.WireType.Varint); inner.WriteInt32(type); });
            Message(output, 2, inner => { inner.WriteTag(3, WireFormat.WireType.Varint); inner.WriteInt32(2); inner.WriteTag(35, WireFormat.WireType.Varint); inner.WriteBool(true); });
            Message(output, 3, inner => { inner.WriteTag(1, WireFormat.WireType.LengthDelimited); inner.WriteString("identity"); });
        }
        return stream.ToArray();
    }

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> content)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream inner = new(stream, leaveOpen: true)) content(inner);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(stream.ToArray()));
    }
}

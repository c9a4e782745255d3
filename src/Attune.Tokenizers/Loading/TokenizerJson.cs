using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Tokenizers.AddedTokens;
using Attune.Tokenizers.Decoders;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Pipeline;
using Attune.Tokenizers.PostProcessors;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers.Loading;

/// <summary>Reads and writes <c>tokenizer.json</c>.</summary>
internal static class TokenizerJson
{
    /// <summary>Reads a tokenizer.</summary>
    /// <param name="utf8">The file's content.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="settings">What the files beside it say.</param>
    /// <exception cref="AttuneFormatException">The content is no tokenizer, or has parts that are not known.</exception>
    public static Tokenizer Read(ReadOnlyMemory<byte> utf8, string path, TokenizerSettings settings)
    {
        using var document = JsonText.Parse(utf8, path);
        var root = document.RootElement;
        if (!root.TryGetProperty("model", out var element) || element.ValueKind != JsonValueKind.Object)
            throw new AttuneFormatException(path, "field 'model'", "nothing of the kind", "an object with the tokenizer's vocabulary");
        var small = JsonText.CopyWithout(root, path, "model");
        small["model"] = JsonText.CopyWithout(element, path, "vocab", "merges");
        var fields = new JsonFields(small, path);
        var model = ModelTable.Read(new ModelSource(fields.Child("model"), element, path));
        var normalizer = NormalizerTable.All.ReadOrNull(fields, "normalizer");
        var pipeline = new TokenizerPipeline(
            new AddedVocabulary(fields.Children("added_tokens").Select(AddedToken.Read), model.Vocabulary, normalizer),
            normalizer,
            PreTokenizerTable.All.ReadOrNull(fields, "pre_tokenizer"),
            model,
            PostProcessorTable.All.ReadOrNull(fields, "post_processor"),
            DecoderTable.All.ReadOrNull(fields, "decoder"));
        return new Tokenizer(pipeline, settings with { Truncation = ReadTruncation(fields), Padding = ReadPadding(fields) });
    }

    /// <summary>Writes a tokenizer so that Hugging Face's library reads it.</summary>
    public static void Write(Tokenizer tokenizer, Stream stream)
    {
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var writer = new Utf8JsonWriter(stream, options);
        var pipeline = tokenizer.Pipeline;
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        WriteTruncation(writer, tokenizer.FileTruncation);
        WritePadding(writer, tokenizer.FilePadding);
        writer.WriteStartArray("added_tokens");
        foreach (var token in pipeline.Added.Tokens) token.Write(writer);
        writer.WriteEndArray();
        WriteStage(writer, "normalizer", pipeline.Normalizer);
        WriteStage(writer, "pre_tokenizer", pipeline.PreTokenizer);
        WriteStage(writer, "post_processor", pipeline.PostProcessor);
        WriteStage(writer, "decoder", pipeline.Decoder);
        WriteStage(writer, "model", pipeline.Model);
        writer.WriteEndObject();
    }

    private static void WriteStage(Utf8JsonWriter writer, string name, Components.IComponent? component)
    {
        writer.WritePropertyName(name);
        if (component is null) writer.WriteNullValue();
        else component.Write(writer);
    }

    private static SequenceSide ReadSide(JsonFields fields) => fields.String("direction", "Right") switch
    {
        "Right" => SequenceSide.Right,
        "Left" => SequenceSide.Left,
        _ => throw fields.Error("direction", "Left or Right"),
    };

    private static Truncation? ReadTruncation(JsonFields root)
    {
        if (root.ChildOrNull("truncation") is not { } fields) return null;
        var strategy = fields.String("strategy", "LongestFirst");
        return new Truncation
        {
            MaxLength = fields.Int("max_length"),
            Stride = fields.Int("stride", 0),
            Side = ReadSide(fields),
            Strategy = strategy switch
            {
                "LongestFirst" => TruncationStrategy.LongestFirst,
                "OnlyFirst" => TruncationStrategy.OnlyFirst,
                "OnlySecond" => TruncationStrategy.OnlySecond,
                _ => throw fields.Error("strategy", "LongestFirst, OnlyFirst or OnlySecond"),
            },
        };
    }

    private static Padding? ReadPadding(JsonFields root)
    {
        if (root.ChildOrNull("padding") is not { } fields) return null;
        return new Padding
        {
            Length = fields.Raw("strategy") is JsonObject ? fields.Child("strategy").Int("Fixed") : null,
            MultipleOf = fields.IntOrNull("pad_to_multiple_of"),
            Side = ReadSide(fields),
            Id = fields.Int("pad_id", 0),
            TypeId = fields.Int("pad_type_id", 0),
            Token = fields.String("pad_token", "[PAD]"),
        };
    }

    private static void WriteTruncation(Utf8JsonWriter writer, Truncation? truncation)
    {
        if (truncation is null)
        {
            writer.WriteNull("truncation");
            return;
        }

        writer.WriteStartObject("truncation");
        writer.WriteString("direction", truncation.Side.ToString());
        writer.WriteNumber("max_length", truncation.MaxLength);
        writer.WriteString("strategy", truncation.Strategy.ToString());
        writer.WriteNumber("stride", truncation.Stride);
        writer.WriteEndObject();
    }

    private static void WritePadding(Utf8JsonWriter writer, Padding? padding)
    {
        if (padding is null)
        {
            writer.WriteNull("padding");
            return;
        }

        writer.WriteStartObject("padding");
        if (padding.Length is { } length)
        {
            writer.WriteStartObject("strategy");
            writer.WriteNumber("Fixed", length);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteString("strategy", "BatchLongest");
        }

        writer.WriteString("direction", padding.Side.ToString());
        if (padding.MultipleOf is { } multiple) writer.WriteNumber("pad_to_multiple_of", multiple);
        else writer.WriteNull("pad_to_multiple_of");
        writer.WriteNumber("pad_id", padding.Id);
        writer.WriteNumber("pad_type_id", padding.TypeId);
        writer.WriteString("pad_token", padding.Token);
        writer.WriteEndObject();
    }
}

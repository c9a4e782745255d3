using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Tokenizers.Loading;

namespace Attune.Tokenizers;

/// <content>Loading and saving.</content>
public sealed partial class Tokenizer
{
    private const string FileName = "tokenizer.json";

    /// <summary>Loads a tokenizer from a <c>tokenizer.json</c> file; what stands beside it in the folder is taken along.</summary>
    /// <exception cref="AttuneFormatException">A file is missing, malformed, or has parts that are not known.</exception>
    public static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var bytes = BoundedFile.ReadAllBytes(path, TokenizerFileLimits.MaxBytes, "a tokenizer file");
        return TokenizerJson.Read(bytes, path, TokenizerConfig.Read(Path.GetDirectoryName(Path.GetFullPath(path))!));
    }

    /// <summary>
    /// Loads the tokenizer of a model folder: from <c>tokenizer.json</c>, or else from <c>vocab.txt</c>, <c>vocab.json</c> with
    /// <c>merges.txt</c>, or a SentencePiece <c>.model</c> file, in the way that <c>tokenizer_config.json</c> or the model's type asks for.
    /// </summary>
    /// <exception cref="AttuneFormatException">There is no such file, or one is malformed or has parts that are not known.</exception>
    public static Tokenizer LoadFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Path.Combine(path, FileName);
        return File.Exists(file) ? Load(file) : FolderVocabulary.Load(path);
    }

    /// <summary>Reads a tokenizer from the content of a <c>tokenizer.json</c>.</summary>
    /// <param name="utf8">The content.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="AttuneFormatException">The content is malformed, or has parts that are not known.</exception>
    public static Tokenizer Parse(ReadOnlyMemory<byte> utf8, string name = FileName) => TokenizerJson.Read(utf8, name, new TokenizerSettings());

    /// <summary>Writes what <c>tokenizer.json</c> holds: the same tokenizer gives the same bytes.</summary>
    public void Write(Stream stream) => TokenizerJson.Write(this, stream);

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c> as Hugging Face's libraries read them.</summary>
    /// <param name="folder">The model's folder; made if it is missing.</param>
    /// <exception cref="AttuneWriteException">A file cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AtomicFile.Write(Path.Combine(folder, FileName), stream => TokenizerJson.Write(this, stream));
        var config = Settings.Config.Count > 0 ? Settings.Config : DefaultConfig();
        var options = new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        AtomicFile.Write(Path.Combine(folder, TokenizerConfig.FileName), stream =>
        {
            using var writer = new Utf8JsonWriter(stream, options);
            config.WriteTo(writer);
        });
    }

    private JsonObject DefaultConfig()
    {
        var config = new JsonObject { ["tokenizer_class"] = "PreTrainedTokenizerFast" };
        Add("mask_token", Special.Mask);
        Add("pad_token", Special.Pad);
        Add("unk_token", Special.Unknown);
        Add("cls_token", Special.Cls);
        Add("sep_token", Special.Sep);
        Add("bos_token", Special.Bos);
        Add("eos_token", Special.Eos);
        return config;

        void Add(string role, int? id)
        {
            if (id is { } known) config[role] = IdToToken(known);
        }
    }
}

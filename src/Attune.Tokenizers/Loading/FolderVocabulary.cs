using Attune.Formats;

namespace Attune.Tokenizers.Loading;

/// <summary>Loads tokenizers of model folders that have no <c>tokenizer.json</c>: the vocabulary's files and the pipeline of the model's family.</summary>
internal static class FolderVocabulary
{
    private static readonly string[] ModelFiles = ["spiece.model", "tokenizer.model", "sentencepiece.bpe.model", "sentencepiece.model"];

    /// <summary>Loads the tokenizer.</summary>
    /// <exception cref="AttuneFormatException">There is no vocabulary, or a file is malformed.</exception>
    public static Tokenizer Load(string folder)
    {
        var settings = TokenizerConfig.Read(folder);
        var family = TokenizerFamily.Find(folder, settings);
        if (ModelFiles.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } file)
            return SentencePieceRecipe.Build(SentencePieceModel.Read(Bytes(file), file), family, settings, file);
        var (json, merges, lines) = (Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"), Path.Combine(folder, "vocab.txt"));
        if (File.Exists(json) && File.Exists(merges))
            return PairEncodingRecipe.Build(VocabularyFiles.ReadJson(Bytes(json), json), VocabularyFiles.ReadMerges(Bytes(merges), merges), family, settings, merges);
        if (File.Exists(lines)) return WordPieceRecipe.Build(VocabularyFiles.ReadLines(Bytes(lines), lines), settings);
        throw new AttuneFormatException(
            $"there is no tokenizer here: neither tokenizer.json nor vocab.txt, vocab.json with merges.txt, or one of {string.Join(", ", ModelFiles)}.", folder);
    }

    private static byte[] Bytes(string path) => BoundedFile.ReadAllBytes(path, TokenizerFileLimits.MaxBytes, "a vocabulary file");
}

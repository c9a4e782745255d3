using System.Text.Json;
using Attune.Tokenizers;
using Attune.Tokenizers.Loading;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Trainers;
using Attune.Tokenizers.Trainers.SentencePieces;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>SentencePiece's trainers against what SentencePiece made of the same corpus.</summary>
public sealed class SentencePieceTrainingTests
{
    private static readonly EncodeOptions Plain = new() { AddSpecialTokens = false };

    private static string[] Corpus => System.Text.Encoding.UTF8.GetString(TokenizerGoldens.Bytes("training/corpus.txt")).TrimEnd('\n').Split('\n');

    [Fact]
    public void Byte_pair_training_gives_the_same_ids_and_encodings()
    {
        using var golden = JsonDocument.Parse(TokenizerGoldens.Bytes("training/sentencepiece_bpe.json"));
        var trained = Train(SentencePieceKind.Bpe);
        Assert.Equal(Expected(golden), trained.Pieces.Select(p => (p.Text, (double)p.Score)));
        foreach (var sample in golden.RootElement.GetProperty("samples").EnumerateArray())
            Assert.Equal(sample.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()), trained.Tokenizer.Encode(sample.GetProperty("text").GetString()!, null, Plain).Ids);
    }

    /// <summary>
    /// Scores agree to the digits that single precision keeps of the log probability of a long word; pieces that differ in later ones
    /// only may change places.
    /// </summary>
    [Fact]
    public void Unigram_training_gives_the_same_pieces_scores_and_encodings()
    {
        using var golden = JsonDocument.Parse(TokenizerGoldens.Bytes("training/sentencepiece_unigram.json"));
        var trained = Train(SentencePieceKind.Unigram);
        var expected = Expected(golden).ToList();
        Assert.Equal(expected.Select(p => p.Text).Order(StringComparer.Ordinal), trained.Pieces.Select(p => p.Text).Order(StringComparer.Ordinal));
        var scores = trained.Pieces.ToDictionary(p => p.Text, p => (double)p.Score);
        Assert.All(expected, p => Assert.Equal(p.Score, scores[p.Text], 2e-4));
        Assert.All(expected.Zip(trained.Pieces), p => Assert.Equal(p.First.Score, p.Second.Score, 2e-4));
        foreach (var sample in golden.RootElement.GetProperty("samples").EnumerateArray())
            Assert.Equal(sample.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()), trained.Tokenizer.Encode(sample.GetProperty("text").GetString()!, null, Plain).Tokens);
    }

    [Theory]
    [InlineData(SentencePieceKind.Bpe)]
    [InlineData(SentencePieceKind.Unigram)]
    public void A_trained_model_encodes_the_same_from_both_files(SentencePieceKind kind)
    {
        var trained = SentencePieceTrainer.Train(
            Corpus, new SentencePieceTraining { Kind = kind, VocabularySize = 900, ByteFallback = true, UserDefinedSymbols = ["<sep>"], ControlSymbols = ["<cls>"] }, TestContext.Current.CancellationToken);
        var folder = Directory.CreateTempSubdirectory("attune-sentencepiece-");
        try
        {
            trained.Save(folder.FullName);
            var fromJson = Tokenizer.LoadFolder(folder.FullName);
            File.Delete(Path.Combine(folder.FullName, "tokenizer.json"));
            File.Delete(Path.Combine(folder.FullName, "tokenizer_config.json"));
            var fromModel = Tokenizer.LoadFolder(folder.FullName);
            foreach (var line in Corpus.Take(60).Append("A line<sep>with a symbol \u4E8C"))
            {
                var ids = trained.Tokenizer.Encode(line, null, Plain).Ids;
                Assert.Equal(ids, fromJson.Encode(line, null, Plain).Ids);
                Assert.Equal(ids, fromModel.Encode(line, null, Plain).Ids);
            }

            Assert.Contains(trained.Pieces.ToList().FindIndex(p => p.Text == "<sep>"), trained.Tokenizer.Encode("a<sep>b", null, Plain).Ids);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        SentencePieceTraining[] wrong =
        [
            new() { CharacterCoverage = 0.5f }, new() { VocabularySize = 20 }, new() { VocabularySize = 100_000 }, new() { NormalizationRule = "none" },
            new() { Unknown = new ReservedPiece("<unk>", -1) }, new() { End = new ReservedPiece("</s>", 1) }, new() { ControlSymbols = ["<x>", "<x>"] },
        ];
        Assert.All(wrong, training => Assert.Throws<ArgumentException>(() => SentencePieceTrainer.Train(Corpus, training)));
    }

    [Fact]
    public void The_normalization_rules_are_those_that_SentencePiece_carries()
    {
        var map = SentencePieceModel.Read(TokenizerGoldens.Bytes("t5-unigram/spiece.model"), "spiece.model").CharacterMap!;
        var own = NormalizationRules.Find("nmt_nfkc")!;
        Span<byte> utf8 = stackalloc byte[4];
        for (var c = 1; c <= 0x10FFFF; c++)
        {
            if (c is >= 0xD800 and <= 0xDFFF) continue;
            var text = utf8[..new System.Text.Rune(c).EncodeToUtf8(utf8)];
            var found = own.TryFindLongest(text, out var replacement, out _);
            Assert.True(found == map.TryFindLongest(text, out var expected, out _) && replacement.SequenceEqual(expected), $"U+{c:X4}");
        }
    }

    [Property(MaxTest = 300)]
    public void The_suffix_array_is_in_order(byte[] bytes)
    {
        // Few different characters make long repeats.
        var text = bytes.Select(b => b % 4).ToArray();
        var naive = Enumerable.Range(0, text.Length).ToArray();
        Array.Sort(naive, (a, b) => text.AsSpan(a).SequenceCompareTo(text.AsSpan(b)));
        var suffixes = SuffixArray.Build(text);
        Assert.Equal(naive, suffixes);
        var common = SuffixArray.CommonPrefixes(text, suffixes);
        for (var i = 1; i < suffixes.Length; i++) Assert.Equal(text.AsSpan(suffixes[i - 1]).CommonPrefixLength(text.AsSpan(suffixes[i])), common[i]);
    }

    [Fact]
    public void The_random_numbers_are_those_of_the_published_generator()
    {
        var random = new MersenneTwister(5489);
        for (var i = 1; i < 10_000; i++) random.Next();
        Assert.Equal(4123659995u, random.Next());
    }

    private static TrainedSentencePiece Train(SentencePieceKind kind) => SentencePieceTrainer.Train(
        Corpus,
        new SentencePieceTraining { Kind = kind, VocabularySize = 700, CharacterCoverage = 1, ByteFallback = kind == SentencePieceKind.Bpe, Shares = 1 },
        TestContext.Current.CancellationToken);

    private static IEnumerable<(string Text, double Score)> Expected(JsonDocument golden) =>
        golden.RootElement.GetProperty("vocab").EnumerateArray().Select(p => (p[0].GetString()!, p[1].GetDouble()));
}

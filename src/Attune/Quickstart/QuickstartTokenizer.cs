using Attune.Data.Corpora;
using Attune.Tokenizers;

namespace Attune.Quickstart;

/// <summary>The WordPiece tokenizer of a quickstart: trained once, then read from its folder.</summary>
internal static class QuickstartTokenizer
{
    public static Tokenizer LoadOrTrain(string folder, ITextCorpus corpus)
    {
        if (!File.Exists(Path.Combine(folder, "tokenizer.json")))
        {
            IEnumerable<string> sentences = corpus.Documents().SelectMany(d => d.Sentences);
            var training = new WordPieceTraining { VocabularySize = QuickstartPlan.Vocabulary, SpecialTokens = WordPieceTraining.BertTokens };
            TokenizerTrainer.Train(sentences, training).Save(folder);
        }
        return Tokenizer.LoadFolder(folder);
    }
}

using Attune.Tokenizers.Models;

namespace Attune.Tokenizers.Trainers;

/// <summary>All ways to put a word together from tokens, with scores in double precision as the tokenizers library keeps them.</summary>
internal sealed class UnigramLattice : PieceGraph<double>
{
    /// <summary>Builds the graph of a word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="trie">Tokens to ids.</param>
    /// <param name="scores">Scores by id.</param>
    /// <param name="unknownScore">The score of a character that is no token; its id is 0.</param>
    public void Build(ReadOnlySpan<char> word, TokenTrie trie, IReadOnlyList<double> scores, double unknownScore)
    {
        Reset(word.Length);
        for (var start = 0; start < word.Length;)
        {
            var single = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            var hasSingle = false;
            var node = 0;
            for (var end = start; end < word.Length;)
            {
                node = trie.Next(node, word[end++]);
                if (node == 0) break;
                if (trie.ValueOf(node) is not (>= 0 and var id)) continue;
                Insert(id, start, end, scores[id]);
                hasSingle |= end - start == single;
            }

            if (!hasSingle) Insert(0, start, start + single, unknownScore);
            start += single;
        }
    }

    /// <summary>The tokens of the second-best way, or null if there is none.</summary>
    public List<int>? SecondBestPath()
    {
        FindBest();
        // Searched backwards from the end; the best score up to a node tells exactly how good a path through it can get.
        var agenda = new PriorityQueue<(int Node, Step? Next, double Score), (double Negative, int Order)>();
        agenda.Enqueue((End, null, 0), (0, 0));
        var found = 0;
        for (var order = 1; agenda.TryDequeue(out var top, out _);)
        {
            var (node, next, score) = top;
            if (node == Begin)
            {
                if (++found == 2) return Ids(next);
                continue;
            }

            var step = node == End ? null : new Step(IdOf(node), next);
            foreach (var left in Before(node)) agenda.Enqueue((left, step, score + ScoreOf(left)), (-(BestTo(left) + score), order++));
        }

        return null;

        static List<int> Ids(Step? step)
        {
            var ids = new List<int>();
            for (; step is not null; step = step.Next) ids.Add(step.Id);
            return ids;
        }
    }

    private sealed record Step(int Id, Step? Next);
}

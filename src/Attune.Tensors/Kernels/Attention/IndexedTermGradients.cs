using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Gemm.Tiled;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>Where the gradients of a term go, laid out as its queries and its table; always added to; null where none is wanted.</summary>
internal unsafe struct IndexedTermTargets
{
    public float* Queries;
    public float* Table;
}

/// <summary>
/// The gradients of a term that goes by pairs, for one head of a sequence: those of a tile of scores are gathered by rows of the table, and
/// multiplied with the table for the queries and with the queries for the table.
/// </summary>
internal unsafe struct IndexedTermGradients<T>
    where T : struct, ILanes<T>
{
    private readonly IndexedTermProblem _term;
    private readonly IndexedTermTargets _targets;
    private readonly int _first;
    private readonly int _rows;
    private readonly int _width;
    private readonly int _padded;
    private readonly int _queryRow;
    private readonly int _queries;
    private readonly float* _gathered;
    private readonly float* _queryPanels;
    private readonly float* _queryGradients;
    private readonly float* _tablePanels;
    private readonly float* _tableGradients;

    /// <summary>Packs what a head of a sequence uses, tile after tile of queries.</summary>
    public IndexedTermGradients(
        in AttentionProblem problem, in IndexedTermProblem term, in IndexedTermTargets targets, int segment, int head, int tileQueries, float* room)
    {
        (_term, _width, _padded) = (term, problem.Width, Panels.Padded<T>(problem.Width));
        (_first, _rows) = term.Rows(segment);
        (_queryRow, _queries) = (problem.QuerySegments.Start(segment), problem.QuerySegments.Length(segment));
        _targets.Queries = targets.Queries is null ? null : targets.Queries + (long)_queryRow * term.QueryStride + head * _width;
        _targets.Table = targets.Table is null ? null : targets.Table + (long)_first * term.TableStride + head * _width;
        _gathered = room;
        _queryPanels = _gathered + (long)ScoreTile.Queries * Panels.Padded<T>(_rows);
        _queryGradients = _queryPanels + (long)_queries * _padded;
        _tablePanels = _queryGradients + (long)_queries * _padded;
        _tableGradients = _tablePanels + (long)_rows * _padded;
        float* queryRows = term.Queries + (long)_queryRow * term.QueryStride + head * _width;
        for (int query = 0; query < _queries; query += tileQueries)
        {
            Panels.Pack<T>(
                queryRows + (long)query * term.QueryStride, term.QueryStride, Math.Min(tileQueries, _queries - query), _width,
                _queryPanels + (long)query * _padded);
        }
        Panels.Pack<T>(term.Table + (long)_first * term.TableStride + head * _width, term.TableStride, _rows, _width, _tablePanels);
        new Span<float>(_queryGradients, _queries * _padded).Clear();
        new Span<float>(_tableGradients, _rows * _padded).Clear();
    }

    /// <summary>Floats of working memory that a term of a sequence needs.</summary>
    public static long Room(in AttentionProblem problem, in IndexedTermProblem term, int segment)
    {
        int rows = term.Rows(segment).Count;
        return (long)ScoreTile.Queries * Panels.Padded<T>(rows)
            + 2L * Panels.Padded<T>(problem.Width) * (problem.QuerySegments.Length(segment) + rows);
    }

    /// <summary>Adds what a tile of gradients of scores gives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Add(int query, int queries, int key, int keys, float* gradients)
    {
        (int lowest, int highest) = _term.Used(_queryRow + query, queries, key, keys);
        if (lowest > highest)
            return;
        int start = lowest - _first, count = highest - lowest + 1, stride = Panels.Padded<T>(count);
        new Span<float>(_gathered, queries * stride).Clear();
        for (int row = 0; row < queries; row++)
            Gather(_queryRow + query + row, key, keys, gradients + row * ScoreTile.Stride, _gathered + (long)row * stride - lowest);
        if (_targets.Queries is not null)
        {
            Panels.Multiply<T>(
                queries, _padded, count, _gathered, stride, false, _tablePanels + (long)start * Tiles<T>.Columns, _rows,
                _queryGradients + (long)query * _padded, _padded, true);
        }
        if (_targets.Table is not null)
        {
            Panels.Multiply<T>(
                count, _padded, queries, _gathered, stride, true, _queryPanels + (long)query * _padded, queries,
                _tableGradients + (long)start * _padded, _padded, true);
        }
    }

    /// <summary>Gives the sums to where they are wanted.</summary>
    public readonly void Finish(float scale)
    {
        if (_targets.Queries is not null)
            Panels.Put<T>(_queryGradients, _padded, scale, _targets.Queries, _term.QueryStride, _queries, _width, accumulate: true);
        if (_targets.Table is not null)
            Panels.Put<T>(_tableGradients, _padded, scale, _targets.Table, _term.TableStride, _rows, _width, accumulate: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Gather(int queryRow, int key, int keys, float* gradients, float* target)
    {
        ref readonly PairRun run = ref _term.Runs[queryRow];
        int first = Math.Max(run.First, key), end = Math.Min(run.End, key + keys);
        gradients -= key;
        if (run.List >= 0)
        {
            int* list = _term.Lists + run.List;
            for (int k = first; k < end; k++)
            {
                if (list[k] >= 0)
                    target[list[k]] += gradients[k];
            }
        }
        else if (run.Step == 1)
        {
            target += run.Origin;
            for (int k = first; k < end; k += T.Width)
            {
                int lanes = Math.Min(T.Width, end - k);
                T.StorePartial(target + k, T.LoadPartial(gradients + k, lanes), lanes);
            }
        }
        else
        {
            for (int k = first; k < end; k++)
                target[run.Origin + run.Step * k] += gradients[k];
        }
    }
}

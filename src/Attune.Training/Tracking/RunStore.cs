using System.Globalization;
using Attune.Formats;
using Microsoft.Data.Sqlite;

namespace Attune.Training.Tracking;

/// <summary>
/// A database of runs (SQLite): what was run with which configuration, its metrics step by step, how it ended. Several
/// processes may record and read at the same time.
/// </summary>
/// <remarks>Thread-safe: every call opens a (pooled) connection of its own.</remarks>
public sealed class RunStore
{
    private const int Version = 1;

    private readonly string _connection;
    private readonly TimeProvider _clock;

    /// <summary>Opens the database, making it if it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="clock">Says when runs start; null for the system's.</param>
    /// <exception cref="AttuneFormatException">The file is no such database.</exception>
    /// <exception cref="AttuneWriteException">It cannot be made.</exception>
    public RunStore(string path, TimeProvider? clock = null)
    {
        Path = System.IO.Path.GetFullPath(path);
        _clock = clock ?? TimeProvider.System;
        _connection = new SqliteConnectionStringBuilder { DataSource = Path, DefaultTimeout = 30 }.ToString();
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(Path, e);
        }
        Run(Prepare);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Records that a run starts, or goes on: figures of later steps than <paramref name="step"/> are forgotten.</summary>
    /// <param name="id">The run's name, unique in the database (its folder, for example).</param>
    /// <param name="kind">What is done, such as <c>pretrain</c>.</param>
    /// <param name="configuration">The whole configuration as text: the recipe (YAML) as it was written, or whatever says it all.</param>
    /// <param name="step">The step it starts at.</param>
    public void Start(string id, string kind, string configuration, long step = 0) => Run(connection =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        Execute(
            connection,
            """
            INSERT INTO runs (id, kind, configuration, status, started, updated) VALUES ($id, $kind, $configuration, 'running', $now, $now)
            ON CONFLICT (id) DO UPDATE SET kind = $kind, configuration = $configuration, status = 'running', message = NULL, updated = $now
            """,
            ("$id", id), ("$kind", kind), ("$configuration", configuration), ("$now", Now));
        Execute(connection, "DELETE FROM metrics WHERE run = $id AND step > $step", ("$id", id), ("$step", step));
        Execute(connection, "DELETE FROM figures WHERE run = $id", ("$id", id));
        transaction.Commit();
    });

    /// <summary>Records figures of steps; a figure recorded before for the same step is replaced.</summary>
    public void Add(string id, IReadOnlyCollection<Metric> metrics) => Run(connection =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        foreach (Metric metric in metrics)
        {
            Execute(
                connection, "INSERT OR REPLACE INTO metrics (run, step, name, value) VALUES ($id, $step, $name, $value)",
                ("$id", id), ("$step", metric.Step), ("$name", metric.Name), ("$value", metric.Value));
        }
        Execute(connection, "UPDATE runs SET updated = $now WHERE id = $id", ("$id", id), ("$now", Now));
        transaction.Commit();
    });

    /// <summary>Records how a run ended.</summary>
    /// <param name="id">The run.</param>
    /// <param name="status">Such as <c>completed</c>, <c>stopped early</c>, <c>cancelled</c>, <c>failed</c>.</param>
    /// <param name="figures">Its final figures.</param>
    /// <param name="message">Why it failed; null if it did not.</param>
    public void Finish(string id, string status, IEnumerable<(string Name, double Value)> figures, string? message = null) => Run(connection =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        foreach ((string name, double value) in figures)
        {
            Execute(
                connection, "INSERT OR REPLACE INTO figures (run, name, value) VALUES ($id, $name, $value)",
                ("$id", id), ("$name", name), ("$value", value));
        }
        Execute(
            connection, "UPDATE runs SET status = $status, message = $message, updated = $now WHERE id = $id",
            ("$id", id), ("$status", status), ("$message", (object?)message ?? DBNull.Value), ("$now", Now));
        transaction.Commit();
    });

    /// <summary>All runs, the latest first.</summary>
    public IReadOnlyList<RunRecord> List() => Read("SELECT id, kind, configuration, status, message, started, updated FROM runs ORDER BY started DESC, id");

    /// <summary>One run; null if there is none of this name.</summary>
    public RunRecord? Find(string id) =>
        Read("SELECT id, kind, configuration, status, message, started, updated FROM runs WHERE id = $id", ("$id", id)).SingleOrDefault();

    /// <summary>The figures of a run by step, ordered by name and step.</summary>
    public IReadOnlyList<Metric> Metrics(string id)
    {
        List<Metric> metrics = [];
        Run(connection => Each(
            connection, "SELECT step, name, value FROM metrics WHERE run = $id ORDER BY name, step",
            row => metrics.Add(new Metric(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? double.NaN : row.GetDouble(2))), ("$id", id)));
        return metrics;
    }

    /// <summary>Forgets a run.</summary>
    public void Delete(string id) => Run(connection =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        Execute(connection, "DELETE FROM metrics WHERE run = $id", ("$id", id));
        Execute(connection, "DELETE FROM figures WHERE run = $id", ("$id", id));
        Execute(connection, "DELETE FROM runs WHERE id = $id", ("$id", id));
        transaction.Commit();
    });

    private string Now => _clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);

    private static void Prepare(SqliteConnection connection)
    {
        // Readers and a writer do not wait for each other in this mode.
        Execute(connection, "PRAGMA journal_mode = WAL");
        using SqliteTransaction transaction = connection.BeginTransaction();
        long version = 0;
        Each(connection, "PRAGMA user_version", row => version = row.GetInt64(0));
        if (version > Version)
            throw new AttuneFormatException(connection.DataSource, "version", $"{version}", $"at most {Version}", "The database was made by a later version of this program.");
        if (version == 0)
        {
            Execute(connection, """
                CREATE TABLE IF NOT EXISTS runs (
                    id TEXT PRIMARY KEY, kind TEXT NOT NULL, configuration TEXT NOT NULL, status TEXT NOT NULL, message TEXT,
                    started TEXT NOT NULL, updated TEXT NOT NULL);
                CREATE TABLE IF NOT EXISTS metrics (
                    run TEXT NOT NULL, step INTEGER NOT NULL, name TEXT NOT NULL, value REAL, PRIMARY KEY (run, step, name)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS figures (
                    run TEXT NOT NULL, name TEXT NOT NULL, value REAL, PRIMARY KEY (run, name)) WITHOUT ROWID;
                PRAGMA user_version = 1;
                """);
        }
        transaction.Commit();
    }

    private List<RunRecord> Read(string query, params (string Name, object Value)[] parameters)
    {
        List<RunRecord> runs = [];
        Run(connection =>
        {
            Each(connection, query, row => runs.Add(new RunRecord(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4),
                Time(row.GetString(5)), Time(row.GetString(6)), [])), parameters);
            for (int i = 0; i < runs.Count; i++)
            {
                List<(string, double)> figures = [];
                Each(
                    connection, "SELECT name, value FROM figures WHERE run = $id ORDER BY name",
                    row => figures.Add((row.GetString(0), row.IsDBNull(1) ? double.NaN : row.GetDouble(1))), ("$id", runs[i].Id));
                runs[i] = runs[i] with { Figures = figures };
            }
        });
        return runs;
    }

    private void Run(Action<SqliteConnection> action)
    {
        const int corrupt = 11, notADatabase = 26, readOnly = 8, full = 13, cannotOpen = 14, disk = 10;
        try
        {
            using var connection = new SqliteConnection(_connection);
            connection.Open();
            action(connection);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is corrupt or notADatabase)
        {
            throw new AttuneFormatException($"is not a database of runs, or is damaged ({e.Message}). Move it away to start a new one.", Path, e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is readOnly or full or cannotOpen or disk)
        {
            throw new AttuneWriteException(Path, e);
        }
    }

    private static void Execute(SqliteConnection connection, string command, params (string Name, object Value)[] parameters)
    {
        using SqliteCommand prepared = Command(connection, command, parameters);
        prepared.ExecuteNonQuery();
    }

    private static void Each(SqliteConnection connection, string query, Action<SqliteDataReader> row, params (string Name, object Value)[] parameters)
    {
        using SqliteCommand prepared = Command(connection, query, parameters);
        using SqliteDataReader reader = prepared.ExecuteReader();
        while (reader.Read())
            row(reader);
    }

    private static SqliteCommand Command(SqliteConnection connection, string text, (string Name, object Value)[] parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        // Every text comes from this file; what comes from outside goes in as a parameter.
#pragma warning disable CA2100
        command.CommandText = text;
#pragma warning restore CA2100
        foreach ((string name, object value) in parameters)
            command.Parameters.AddWithValue(name, value is double.NaN ? DBNull.Value : value);
        return command;
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}

/// <summary>A recorded run.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Configuration">The whole configuration as it was given to <see cref="RunStore.Start"/>.</param>
/// <param name="Status"><c>running</c>, or how it ended.</param>
/// <param name="Message">Why it failed; null if it did not.</param>
/// <param name="Started">When it started first.</param>
/// <param name="Updated">When it was heard of last: a run that is <c>running</c> and silent for long was killed.</param>
/// <param name="Figures">Its final figures.</param>
public sealed record RunRecord(
    string Id, string Kind, string Configuration, string Status, string? Message, DateTimeOffset Started, DateTimeOffset Updated,
    IReadOnlyList<(string Name, double Value)> Figures);

/// <summary>A figure of a run at a step.</summary>
/// <param name="Step">The updates made.</param>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public readonly record struct Metric(long Step, string Name, double Value);
